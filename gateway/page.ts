import { html, Html } from '../platform/html.ts';

export interface GatewayPage {
  readonly title: string;
  /** Of the page's one style, as its content security policy has it. */
  readonly nonce: string;
  readonly style: string;
  /** What stands above the heading; null = nothing. */
  readonly nav: Html | null;
  readonly body: Html;
}

/** A whole page of the gateway's own: no script, one style. */
export function gatewayPage({ title, nonce, style, nav, body }: GatewayPage): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Quittance</title>
        <style nonce="${nonce}">
          ${new Html(style)}
        </style>
      </head>
      <body>
        ${nav}
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `.text;
}

import type { Response } from 'express';
import type { Route } from '../call.ts';
import { openApiDocument } from '../contract/document.ts';
import { Problem } from '../problem.ts';
import { isProblemCode, problemPage, problemsPage } from './problem-pages.ts';
import { VERSIONS } from '../versions.ts';
import { referencePage } from './reference.ts';
import { STYLE } from './style.ts';
import { testCardsPage } from './test-cards-page.ts';

/** What anybody may read without a key. */
export interface PublicPage {
  /** Express pattern. */
  readonly path: string;
  readonly contentType: string;
  /** @throws Problem when there is none. */
  readonly body: (params: Readonly<Record<string, string>>) => string | Buffer;
}

const HTML = 'text/html; charset=utf-8';

/** The contract, and the pages that are made from it: no script, nothing from elsewhere. */
export function publicPages(routes: readonly Route[]): readonly PublicPage[] {
  const document = openApiDocument(routes);
  // Bytes that are made once: whoever asks for the largest answers there are and takes none holds no copy.
  const json = Buffer.from(JSON.stringify(document));
  const older = new Map(
    VERSIONS.map((version) => [
      `${version}.json`,
      Buffer.from(JSON.stringify(openApiDocument(routes, { version }))),
    ]),
  );
  const reference = Buffer.from(referencePage(document, routes));
  return [
    { path: '/openapi.json', contentType: 'application/json', body: () => json },
    {
      path: '/openapi/:version',
      contentType: 'application/json',
      body: ({ version = '' }) =>
        older.get(version) ?? nothing('there is no such version: GET /docs has all of them'),
    },
    { path: '/docs', contentType: HTML, body: () => reference },
    { path: '/docs/style.css', contentType: 'text/css; charset=utf-8', body: () => STYLE },
    { path: '/docs/test-cards', contentType: HTML, body: testCardsPage },
    { path: '/problems', contentType: HTML, body: problemsPage },
    {
      path: '/problems/:code',
      contentType: HTML,
      body: ({ code = '' }) => {
        if (isProblemCode(code)) return problemPage(code);
        return nothing('there is no such problem: GET /problems has all of them');
      },
    },
  ];
}

function nothing(detail: string): never {
  throw new Problem('route_not_found', detail);
}

/** Nothing but our own style sheet may be loaded, nothing may run, and no other site may frame it. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function sendPage(response: Response, { contentType }: PublicPage, body: string | Buffer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': bytes.byteLength,
    'content-security-policy': POLICY,
    'cache-control': 'public, max-age=300',
  });
  response.end(bytes);
}

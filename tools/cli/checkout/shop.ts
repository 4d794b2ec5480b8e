import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Payment, Quittance } from '../../../clients/typescript/index.ts';
import { createOrderPayment } from './order-payment.ts';
import { CHECKOUT_SCRIPT, CHECKOUT_STYLE, checkoutPage, type Order } from './page.ts';

export interface ShopOptions {
  readonly client: Quittance;
  /** The vault's public address, without a path. */
  readonly vault: string;
  readonly order: Order;
  /** 0 = any free one. */
  readonly port: number;
  /** A key with which pages of that origin may make card tokens. */
  readonly publishableKey: (origin: string) => Promise<string>;
  /** Told of each try. */
  readonly tried: (payment: Payment) => void;
}

export interface Shop {
  /** Of the checkout. */
  readonly url: string;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 4_096;
const OUTCOME_WAIT_MS = 60_000;
const tokenSchema = z.strictObject({ card_token: z.string().regex(/^ctok_[0-9a-z]{26}$/) });
const NOT_FOUND = { status: 404, type: 'text/plain; charset=utf-8', body: 'there is nothing here\n' };

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}
const json = (status: number, value: unknown): Page => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

/**
 * A merchant's shop with one order: its page at /pay/{order}. The browser gives the card to the vault;
 * this server, like the merchant API behind it, is given a token and never sees a number.
 */
export async function openShop({
  client,
  vault,
  order,
  port,
  publishableKey,
  tried,
}: ShopOptions): Promise<Shop> {
  let key = '';
  const payOrder = createOrderPayment({ client, order, waitMs: OUTCOME_WAIT_MS, tried });
  const path = `/pay/${encodeURIComponent(order.id)}`;

  async function answer(request: IncomingMessage): Promise<Page> {
    const { method, url } = request;
    if (method === 'GET' && url === path)
      return { status: 200, type: 'text/html; charset=utf-8', body: checkoutPage(order, vault, key) };
    if (method === 'GET' && url === '/checkout.js')
      return { status: 200, type: 'text/javascript; charset=utf-8', body: CHECKOUT_SCRIPT };
    if (method === 'GET' && url === '/checkout.css')
      return { status: 200, type: 'text/css; charset=utf-8', body: CHECKOUT_STYLE };
    if (method === 'POST' && url === path) return pay(await bodyOf(request));
    return NOT_FOUND;
  }

  async function pay(text: string): Promise<Page> {
    const { card_token: token } = tokenSchema.parse(JSON.parse(text));
    return json(200, await payOrder(token));
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (page) => send(response, page, vault),
      // What was sent is no token: nothing was asked for.
      () => {
        send(response, json(400, { detail: 'this did not work: try again' }), vault);
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  key = await publishableKey(origin);
  return {
    url: `${origin}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    if (size > BODY_BYTES_MAX) throw new Error('the body is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function send(response: ServerResponse, { status, type, body }: Page, vault: string): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // The card goes to the vault, the token to us, and nothing anywhere else.
    'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${vault}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  });
  response.end(body);
}

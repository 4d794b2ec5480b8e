import { createHash, createHmac } from 'node:crypto';
import type { StagedCard } from '../vault/contract.ts';
import type { Credential } from './auth/api-key.ts';
import { holdsCardNumber } from '../platform/card-number.ts';
import { Problem } from './problem.ts';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/**
 * The request's Idempotency-Key.
 * @throws Problem 400 when there is none, or it is not one visible ASCII word of at most 255 characters.
 */
export function idempotencyKeyOf(header: string | string[] | undefined): string {
  if (header === undefined || header === '') {
    throw new Problem(
      'idempotency_key_missing',
      'every POST needs an Idempotency-Key header, new for each request that is not a repeat',
    );
  }
  if (typeof header !== 'string' || !VISIBLE_ASCII.test(header)) {
    throw new Problem(
      'idempotency_key_invalid',
      'an Idempotency-Key is 1 to 255 visible ASCII characters, without spaces',
    );
  }
  if (holdsCardNumber(header)) {
    throw new Problem(
      'card_number_in_field',
      'the Idempotency-Key holds what looks like a card number: use a random value; nothing of this request was kept',
    );
  }
  return header;
}

/**
 * The name under which the vault keeps this request's card: the same for a repeat, another one for
 * the same key in the other mode.
 */
export function stagingKey({ mode }: Credential, key: string): string {
  return createHash('sha256').update(`${mode}:${key}`).digest('hex');
}

/** What makes two requests the same one. */
export interface RequestIdentity {
  /** Method and route pattern. */
  readonly route: string;
  /** The ids in the path. */
  readonly path: Readonly<Record<string, string>>;
  /** As sent; a card in it is replaced by `card`. */
  readonly body: unknown;
  /** What the vault knows of the card; null when the request has none. The CVV is no part of this. */
  readonly card: Pick<StagedCard, 'fingerprint' | 'expiryMonth' | 'expiryYear'> | null;
  /** The key that asked, where no other one may have the answer again. */
  readonly by?: string;
}

/** HMAC-SHA256 over the canonical form of a request; 32 bytes. */
export function fingerprintOf(secret: string, { route, path, body, card, by }: RequestIdentity): Buffer {
  const known =
    card === null
      ? body
      : {
          ...(body as object),
          card: { fingerprint: card.fingerprint, month: card.expiryMonth, year: card.expiryYear },
        };
  return createHmac('sha256', secret)
    .update(canonicalJson({ route, path, body: known, ...(by === undefined ? {} : { by }) }))
    .digest();
}

/** JSON with the members of every object in code-unit order: one text for one value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`).join(',')}}`;
}

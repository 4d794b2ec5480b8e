import type { Request } from 'express';
import type pg from 'pg';
import type { MerchantId, SigningSecretId } from '../../workflows/domain/ids.ts';
import type { Credential } from '../auth/api-key.ts';
import { createMemory, REMEMBERED_MS } from '../auth/memory.ts';
import { BODY_BYTES_MAX, readBytes } from '../body.ts';
import type { Secrets } from '../managed.ts';
import { Problem } from '../problem.ts';
import { checkContentDigest } from './content-digest.ts';
import {
  acceptSignature,
  checkAge,
  checkSignature,
  claimedSignature,
  SIGNATURE_AGE_MAX_S,
  type SignedParts,
} from './signature.ts';

/** Signed requests (RFC 9421): what is asked is what the merchant signed, once. */
export interface Signatures {
  /**
   * Holds a request against its signature before anything is done with it, and takes its nonce: the
   * same signature is never taken twice. Null where there is none and none is needed. Reads the body, if
   * there is a signature. To be called for the merchant (see Tenants).
   * @throws Problem `signature_missing`, `signature_invalid`, `signature_expired`, `signature_replayed`,
   * `content_digest_wrong`; 503 while its secret cannot be opened or its nonce cannot be kept.
   */
  check(request: Request, credential: Credential): Promise<SigningSecretId | null>;
  /** Something of it was changed here. Other processes see it within {@link REMEMBERED_MS}. */
  forget(merchant: MerchantId): void;
}

export interface SignaturesOptions {
  readonly database: Pick<pg.Pool, 'query'>;
  readonly secrets: Secrets;
  /** Epoch ms. */
  readonly now: () => number;
}

interface Known {
  readonly merchant: MerchantId;
  readonly required: boolean;
  /** Sealed, by id. */
  readonly secrets: Readonly<Record<string, unknown>>;
}

/** How long an opened secret is kept: the key service is not asked for every request. */
const OPENED_MS = 600_000;
const OPENED_MAX = 1_000;
/** A nonce is kept longer than its signature is good, whichever clock looks. */
const NONCE_KEPT_S = 2 * SIGNATURE_AGE_MAX_S;

export function createSignatures({ database, secrets, now }: SignaturesOptions): Signatures {
  const remembered = createMemory<Known>(now);
  const opened = createMemory<string>(now, OPENED_MAX);

  const know = async (credential: Credential): Promise<Known> =>
    remembered.get(nameOf(credential)) ?? (await lookUp(credential));

  async function lookUp({ merchant, mode }: Credential): Promise<Known> {
    const asked = now();
    const { rows } = await database.query<{ required: boolean; secrets: Record<string, unknown> | null }>({
      name: 'request_signing',
      text: `select $2 = any (m.signed_modes) as required,
               (select jsonb_object_agg(s.id, s.sealed_secret) from signing_secrets s
                where s.merchant_id = m.id and s.mode = $2 and s.revoked_at is null) as secrets
             from merchants m where m.id = $1`,
      values: [merchant, mode],
    });
    const [row] = rows;
    if (row === undefined) throw new Error(`merchant ${merchant} has a key and is not there`);
    const found = { merchant, required: row.required, secrets: row.secrets ?? {} };
    remembered.keep(nameOf({ merchant, mode }), found, asked + REMEMBERED_MS);
    return found;
  }

  async function open(merchant: MerchantId, id: SigningSecretId, sealed: unknown): Promise<string> {
    const known = opened.get(id);
    if (known !== undefined) return known;
    const secret = await secrets.open({ merchant, id }, sealed);
    opened.keep(id, secret, now() + OPENED_MS);
    return secret;
  }

  return {
    async check(request, credential) {
      const { merchant } = credential;
      const known = await know(credential);
      const parts = partsOf(request);
      const claimed = claimedSignature(parts);
      if (claimed === null) {
        if (known.required) throw missing(parts);
        return null;
      }
      checkAge(claimed, now());
      // It may have been made a moment ago, at another process.
      const sealed = known.secrets[claimed.secret] ?? (await lookUp(credential)).secrets[claimed.secret];
      if (sealed === undefined)
        throw new Problem(
          'signature_invalid',
          'the signature does not hold: its keyid is no signing secret in use of this merchant and mode',
        );
      await checkSignature(parts, claimed, await open(merchant, claimed.secret, sealed));
      const body = await readBytes(request, BODY_BYTES_MAX);
      // What was signed is the digest: a body without one was not.
      if (body.byteLength > 0 || parts.hasBody)
        checkContentDigest(String(request.headers['content-digest'] ?? ''), body);
      const { rows } = await database.query<{ taken: boolean }>({
        name: 'take_nonce',
        text: 'select take_nonce($1, $2, to_timestamp($3)) as taken',
        values: [merchant, claimed.nonce, claimed.created + NONCE_KEPT_S],
      });
      if (rows[0]?.taken === true) return claimed.secret;
      throw new Problem(
        'signature_replayed',
        'this nonce was used before: sign the request again with a new one, also when it is a repeat',
      );
    },
    forget(merchant) {
      remembered.forget((known) => known.merchant === merchant);
    },
  };
}

const nameOf = ({ merchant, mode }: Credential): string => `${mode}:${merchant}`;

function partsOf({ method, originalUrl, headers }: Request): SignedParts {
  const length = headers['content-length'];
  return {
    method,
    target: originalUrl,
    headers,
    hasBody: headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0),
  };
}

function missing(parts: SignedParts): Problem {
  return new Problem(
    'signature_missing',
    'requests of this merchant have to be signed in this mode: send Signature-Input and Signature (RFC 9421), as Accept-Signature of this answer says, with the keyid of one of your signing secrets',
    { headers: { 'accept-signature': acceptSignature(parts) } },
  );
}

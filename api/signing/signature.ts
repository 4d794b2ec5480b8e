import { createVerifier, httpbis } from 'http-message-signatures';
import {
  isInnerList,
  parseDictionary,
  serializeDictionary,
  type InnerList,
  type Item,
} from 'structured-headers';
import { isId, type SigningSecretId } from '../../workflows/domain/ids.ts';
import { Problem } from '../problem.ts';

/** What of a request is signed: as it came over the wire. */
export interface SignedParts {
  readonly method: string;
  /** Path and query as they were sent: the request's target. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whether the request has a body, which then has to have a digest that is signed. */
  readonly hasBody: boolean;
}

/** A signature with one of our secrets, as it says of itself: nothing of it is proven yet. */
export interface ClaimedSignature {
  readonly label: string;
  readonly secret: SigningSecretId;
  readonly nonce: string;
  /** Unix seconds. */
  readonly created: number;
  /** Unix seconds; Infinity = it does not say. */
  readonly expires: number;
}

/** A signature is good for so long after it was made (s). */
export const SIGNATURE_AGE_MAX_S = 300;
/** The maker's clock may be ahead by so much (s). */
export const SIGNATURE_AHEAD_MAX_S = 30;
const NONCE = /^[\x21-\x7e]{16,128}$/;
const ALGORITHM = 'hmac-sha256';

/**
 * The components that a signature covers: these, in any order, no others and none with parameters. Path
 * and query rather than the whole address: what scheme and name a caller used is not known behind a
 * proxy, and a secret is good at one API, for one merchant and mode alone.
 */
export function componentsOf({ headers, hasBody }: SignedParts): readonly string[] {
  return [
    '@method',
    '@path',
    '@query',
    'authorization',
    ...(hasBody ? ['content-digest'] : []),
    ...(headers['idempotency-key'] === undefined ? [] : ['idempotency-key']),
  ];
}

/** As the header Accept-Signature asks for one (RFC 9421, 5.1). */
export function acceptSignature(parts: SignedParts): string {
  const components = componentsOf(parts)
    .map((name) => `"${name}"`)
    .join(' ');
  return `sig=(${components});created;nonce;keyid;alg="${ALGORITHM}"`;
}

/**
 * The signature of a request that names one of our secrets as its key; null = there is none. Others, of
 * proxies for example, are not looked at.
 * @throws Problem `signature_invalid` when it cannot hold: two of ours, other components than there have
 * to be, no time, no nonce, another algorithm.
 */
export function claimedSignature(parts: SignedParts): ClaimedSignature | null {
  const { headers } = parts;
  if (headers['signature-input'] === undefined && headers['signature'] === undefined) return null;
  const inputs = [...dictionaryOf(headers['signature-input'])].filter(([, input]) => {
    const keyid: unknown = input[1].get('keyid');
    return typeof keyid === 'string' && isId('sgs', keyid);
  });
  const [found] = inputs;
  if (found === undefined) return null;
  const [label, input] = found;
  if (inputs.length > 1)
    throw invalid('the request has more than one signature with a signing secret: send one');
  if (!isInnerList(input)) throw invalid('Signature-Input has no list of components');
  checkComponents(input, componentsOf(parts));
  const parameters = input[1];
  const [keyid, created, nonce, algorithm] = ['keyid', 'created', 'nonce', 'alg'].map((name): unknown =>
    parameters.get(name),
  );
  if (typeof keyid !== 'string' || !isId('sgs', keyid)) throw invalid('keyid is no signing secret (sgs_…)');
  if (typeof created !== 'number' || !Number.isSafeInteger(created))
    throw invalid('the parameter created is missing: the time of signing, in whole seconds');
  if (typeof nonce !== 'string' || !NONCE.test(nonce))
    throw invalid('the parameter nonce is missing, or is not 16 to 128 visible ASCII characters');
  if (algorithm !== undefined && algorithm !== ALGORITHM) throw invalid(`alg has to be ${ALGORITHM}`);
  const expires: unknown = parameters.get('expires') ?? Infinity;
  if (typeof expires !== 'number') throw invalid('the parameter expires is no time in seconds');
  return { label, secret: keyid, nonce, created, expires };
}

/** @throws Problem `signature_expired`. @param nowMs epoch ms. */
export function checkAge({ created, expires }: ClaimedSignature, nowMs: number): void {
  const now = Math.floor(nowMs / 1_000);
  const age = now - created;
  if (age <= SIGNATURE_AGE_MAX_S && age >= -SIGNATURE_AHEAD_MAX_S && now <= expires) return;
  throw new Problem(
    'signature_expired',
    age > 0
      ? `the signature was made ${age} s ago, and is good for ${SIGNATURE_AGE_MAX_S} or until it says itself: sign the request as it is sent`
      : `the signature was made ${-age} s from now: set the clock`,
  );
}

/**
 * Whether the signature is that of these parts under that secret.
 * @throws Problem `signature_invalid`
 */
export async function checkSignature(
  parts: SignedParts,
  { label }: ClaimedSignature,
  secret: string,
): Promise<void> {
  const { method, target, headers } = parts;
  const query = target.indexOf('?');
  // As they were sent: RFC 9421, 2.2.6 and 2.2.7.
  const derived: Readonly<Record<string, string>> = {
    '@method': method,
    '@path': query === -1 ? target : target.slice(0, query),
    '@query': query === -1 ? '?' : target.slice(query),
  };
  const only = (name: 'signature-input' | 'signature'): string => {
    const member = dictionaryOf(headers[name]).get(label);
    if (member === undefined) throw invalid(`the header ${name} has no ${label}`);
    return serializeDictionary(new Map([[label, member]]));
  };
  const message = {
    method,
    // Never read: all that it could be is derived below.
    url: 'https://quittance.invalid/',
    headers: {
      ...Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, typeof value === 'string' ? value : [...value]]],
        ),
      ),
      'signature-input': only('signature-input'),
      signature: only('signature'),
    },
  };
  const holds = await httpbis
    .verifyMessage(
      {
        keyLookup: () =>
          Promise.resolve({ algs: [ALGORITHM], verify: createVerifier(Buffer.from(secret), ALGORITHM) }),
        componentParser: (name) => (derived[name] === undefined ? null : [derived[name]]),
        // Its age was looked at, by our own clock.
        notAfter: Number.MAX_SAFE_INTEGER,
      },
      message,
    )
    .catch(() => false);
  if (holds !== true)
    throw invalid(
      `its value is not the HMAC of ${componentsOf(parts).join(', ')} under that secret: compare the signature base (RFC 9421, 2.5), each value as it is sent`,
    );
}

function checkComponents(input: InnerList, expected: readonly string[]): void {
  const covered = input[0].map(([name, parameters]) =>
    typeof name === 'string' && parameters.size === 0 ? name : 'one with parameters',
  );
  const same =
    covered.length === expected.length &&
    expected.every((name) => covered.filter((other) => other === name).length === 1);
  if (!same) throw invalid(`it has to cover ${expected.join(', ')}, each once and nothing else`);
}

function dictionaryOf(header: string | readonly string[] | undefined): Map<string, InnerList | Item> {
  try {
    return parseDictionary(typeof header === 'string' ? header : (header ?? []).join(', '));
  } catch {
    throw invalid('Signature-Input and Signature are not dictionaries of RFC 8941');
  }
}

function invalid(why: string): Problem {
  return new Problem('signature_invalid', `the signature does not hold: ${why}`);
}

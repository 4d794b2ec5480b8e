import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { S3Error } from './error.ts';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 's3';
const SKEW_MAX_MS = 15 * 60_000;
const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request,\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;

/**
 * Checks a request's signature as S3 does (Signature Version 4, in the header, the body hashed): who signed
 * it, for which day, region and service, over which headers, and that nothing of it was changed.
 * @throws S3Error by the name that S3 has for what is wrong.
 */
export function checkSignature(request: SignedRequest, signer: Signer, now: Date): void {
  const { headers } = request;
  const found = FORM.exec(headers['authorization'] ?? '');
  if (found === null) throw new S3Error('AccessDenied', `there is no ${ALGORITHM} signature in the header`);
  const [, accessKeyId = '', day = '', region = '', service = '', signed = '', signature = ''] = found;
  if (accessKeyId !== signer.accessKeyId)
    throw new S3Error('InvalidAccessKeyId', `the access key ${accessKeyId} does not exist`);
  if (region !== signer.region || service !== SERVICE)
    throw new S3Error(
      'AuthorizationHeaderMalformed',
      `it is signed for ${service} in ${region}, not for ${SERVICE} in ${signer.region}`,
    );
  const names = signed.split(';');
  const unsigned = Object.keys(headers).filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !names.includes(name),
  );
  if (unsigned.length > 0 || names.join(';') !== [...names].sort().join(';'))
    throw new S3Error(
      'AccessDenied',
      `headers present in the request which were not signed: ${unsigned.join()}`,
    );
  const date = headers['x-amz-date'] ?? '';
  const sentAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!date.startsWith(day) || Number.isNaN(sentAt))
    throw new S3Error('AccessDenied', `${date} is no date of the day ${day}`);
  if (Math.abs(now.getTime() - sentAt) > SKEW_MAX_MS)
    throw new S3Error('RequestTimeTooSkewed', `it was signed at ${date}, too far from now`);
  const hash = sha256(request.body);
  if (headers['x-amz-content-sha256'] !== hash)
    throw new S3Error('XAmzContentSHA256Mismatch', 'the body is not what x-amz-content-sha256 says');

  const canonical = [
    request.method,
    ...canonicalTarget(request.target),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signed,
    hash,
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = [ALGORITHM, date, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(
    (key, part) => hmac(key, part),
    Buffer.from(`AWS4${signer.secretAccessKey}`),
  );
  if (!timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex')))
    throw new S3Error('SignatureDoesNotMatch', 'the signature is not that of this request and that key');
}

/** Path and query in the one form that both sides sign. */
function canonicalTarget(target: string): readonly [path: string, query: string] {
  const [path = '/', query = ''] = target.split('?', 2);
  const fields = query === '' ? [] : query.split('&').map((field) => field.split('=', 2).map(recode));
  return [
    path.split('/').map(recode).join('/'),
    fields
      .map(([name = '', value = '']) => `${name}=${value}`)
      .sort()
      .join('&'),
  ];
}

/** Everything encoded but what RFC 3986 leaves as it is. */
const recode = (text: string): string =>
  encodeURIComponent(decodeURIComponent(text)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

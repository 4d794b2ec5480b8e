import type { Request } from 'express';
import { holdsCardNumber } from '../platform/card-number.ts';
import { isSecurityCodeMember, tellsSecurityCode } from '../platform/security-code.ts';
import { Problem, invalidFields } from './problem.ts';

export const BODY_BYTES_MAX = 64 * 1_024;
/** No request of ours needs more than three. */
const DEPTH_MAX = 16;
/** A name longer than this is not repeated in an answer. */
const NAME_LENGTH_MAX = 64;

/**
 * Reads a request's JSON body: at most 64 KiB of UTF-8, an empty body is `{}`. A card number anywhere
 * but in /card/number, and a security code anywhere but in /card/cvv, ends the request here, before
 * anything is done with it.
 * @throws Problem
 */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request, BODY_BYTES_MAX);
  if (bytes.byteLength === 0) return {};
  if (!isJsonType(request.headers['content-type'])) {
    throw new Problem('unsupported_media_type', 'send the body as application/json in UTF-8');
  }
  const body = parseJson(bytes);
  inspect(body, '', 0);
  return body;
}

/**
 * The bytes of a request's body, as they came; empty when there is none. One that is too long is refused when it
 * says so, or as soon as it is: what still comes of it is thrown away, as long as a request may take. Asked again
 * (for a signature's digest, and for the JSON) they are the same.
 * @throws Problem
 */
export async function readBytes(request: Request, limit: number): Promise<Buffer> {
  const known: unknown = request.body;
  if (Buffer.isBuffer(known)) return known;
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new Problem('unsupported_media_type', 'send the body uncompressed, as application/json in UTF-8');
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  // Whoever left while the key was looked up: nothing of the request will be heard any more.
  if (request.destroyed) throw cutOff();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= limit) chunks.push(chunk);
      else reject(tooLarge(limit));
    });
    request.once('end', () => {
      const bytes = Buffer.concat(chunks);
      request.body = bytes;
      resolve(bytes);
    });
    const broken = (): void => {
      reject(cutOff());
    };
    request.once('error', broken);
    request.once('close', broken);
  });
}

function cutOff(): Problem {
  return new Problem('malformed_request', 'the request ended before its body did', {
    headers: { connection: 'close' },
  });
}

function tooLarge(limit: number): Problem {
  return new Problem('body_too_large', `the body is larger than ${limit / 1_024} KiB`);
}

/** application/json, with no charset but UTF-8 (RFC 8259 knows no other). */
function isJsonType(header: string | undefined): boolean {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  return (
    type === 'application/json' &&
    parameters.every(
      (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter),
    )
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's own message quotes the body.
    throw new Problem('malformed_json', 'the body is not one JSON value in UTF-8');
  }
}

/** Refuses card numbers and security codes where none belongs, names that are not plain data, and bottomless bodies. */
function inspect(value: unknown, pointer: string, depth: number): void {
  if (depth > DEPTH_MAX)
    throw new Problem('malformed_json', `the body is nested deeper than ${DEPTH_MAX} levels`);
  if (typeof value === 'string') {
    if (pointer !== '/card/number' && holdsCardNumber(value)) throw cardNumberAt(pointer);
    if (tellsSecurityCode(value)) throw securityCodeAt(pointer);
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      inspect(item, `${pointer}/${index}`, depth + 1);
    });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (holdsCardNumber(name)) throw cardNumberAt(pointer);
    if (tellsSecurityCode(name)) throw securityCodeAt(pointer);
    const child = childPointer(pointer, name);
    if (child !== '/card/cvv' && isSecurityCodeMember(name, item)) throw securityCodeAt(child);
    if (name === '__proto__') {
      throw invalidFields([
        {
          code: 'field_unknown',
          param: pointer,
          detail: `${nameOf(pointer)} has a field named __proto__, which no request has`,
        },
      ]);
    }
    inspect(item, child, depth + 1);
  }
}

function cardNumberAt(pointer: string): Problem {
  return invalidFields([
    {
      code: 'card_number_in_field',
      param: pointer,
      detail: `${nameOf(pointer)} holds what looks like a card number: card numbers belong in /card/number alone; nothing of this request was kept`,
    },
  ]);
}

function securityCodeAt(pointer: string): Problem {
  return invalidFields([
    {
      code: 'security_code_in_field',
      param: pointer,
      detail: `${nameOf(pointer)} holds what looks like a card's security code: security codes belong in /card/cvv alone; nothing of this request was kept`,
    },
  ]);
}

/** JSON pointer of a member; of its parent where the member's name is too long to repeat. */
export function childPointer(parent: string, name: string): string {
  if (name.length > NAME_LENGTH_MAX) return parent;
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function nameOf(pointer: string): string {
  return pointer === '' ? 'the body' : pointer;
}

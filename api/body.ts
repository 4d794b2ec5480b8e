import express, { type Request, type RequestHandler, type Response } from 'express';
import { holdsCardNumber } from './card-number.ts';
import { Problem, invalidFields } from './problem.ts';

const BODY_BYTES_MAX = 64 * 1_024;
/** No request of ours needs more than three. */
const DEPTH_MAX = 16;
/** A name longer than this is not repeated in an answer. */
const NAME_LENGTH_MAX = 64;

/**
 * Reads a request's JSON body: at most 64 KiB of UTF-8, an empty body is `{}`. A card number anywhere
 * but in /card/number ends the request here, before anything is done with it.
 * @throws Problem
 */
export async function readJson(request: Request, response: Response): Promise<unknown> {
  const bytes = await readBytes(request, response, BODY_BYTES_MAX);
  if (bytes.byteLength === 0) return {};
  if (!isJsonType(request.headers['content-type'])) {
    throw new Problem('unsupported_media_type', 'send the body as application/json in UTF-8');
  }
  const body = parseJson(bytes);
  inspect(body, '', 0);
  return body;
}

/** The bytes of a request's body, as they came; empty when there is none. @throws what says that there are too many */
export async function readBytes(request: Request, response: Response, limit: number): Promise<Buffer> {
  const read: RequestHandler = express.raw({ type: () => true, limit, inflate: false });
  await new Promise<void>((resolve, reject) => {
    read(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error('the body could not be read', { cause: error }));
    });
  });
  const bytes: unknown = request.body;
  return Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
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

/** Refuses card numbers where none belongs, names that are not plain data, and bottomless bodies. */
function inspect(value: unknown, pointer: string, depth: number): void {
  if (depth > DEPTH_MAX)
    throw new Problem('malformed_json', `the body is nested deeper than ${DEPTH_MAX} levels`);
  if (typeof value === 'string') {
    if (pointer !== '/card/number' && holdsCardNumber(value)) throw cardNumberAt(pointer);
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
    if (name === '__proto__') {
      throw invalidFields([
        {
          code: 'field_unknown',
          param: pointer,
          detail: `${nameOf(pointer)} has a field named __proto__, which no request has`,
        },
      ]);
    }
    inspect(item, childPointer(pointer, name), depth + 1);
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

/** JSON pointer of a member; of its parent where the member's name is too long to repeat. */
export function childPointer(parent: string, name: string): string {
  if (name.length > NAME_LENGTH_MAX) return parent;
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function nameOf(pointer: string): string {
  return pointer === '' ? 'the body' : pointer;
}

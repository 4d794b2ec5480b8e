import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { HeadPublisher, SealHead } from './sealer.ts';

/** One line of the file. */
const headSchema = z.object({
  number: z.int().positive(),
  seal: z.string().regex(/^[0-9a-f]{64}$/),
  sealed_at: z.iso.datetime(),
}) satisfies z.ZodType<SealHead>;

/**
 * Publishes to a file of JSON lines that only grows. It should lie where whoever can write to the
 * database cannot: on another machine, or on a medium that is written once.
 * Its calls reject when the file cannot be written, or a whole line of it is not a head.
 */
export function createHeadFile(path: string): HeadPublisher {
  let known: Promise<SealHead | null> | null = null;

  async function read(): Promise<SealHead | null> {
    const size = await dropTornLine(path);
    let newest: SealHead | null = null;
    for await (const head of readHeads(path, size)) newest = head;
    return newest;
  }

  return {
    async newest() {
      known ??= read();
      try {
        return await known;
      } catch (error) {
        known = null;
        throw error;
      }
    },
    async publish(head) {
      const line = `${JSON.stringify(headSchema.parse(head))}\n`;
      // What is in the file if this does not succeed is read again.
      known = null;
      const file = await open(path, 'a', 0o644);
      try {
        await file.appendFile(line);
        await file.datasync();
      } finally {
        await file.close();
      }
      known = Promise.resolve(head);
    },
  };
}

/**
 * The heads that were published, the oldest first.
 * @param size how many bytes of the file are read. A last line without its end was cut short by a
 *   crash and never published: it is left out.
 */
export async function* readHeads(path: string, size: number): AsyncGenerator<SealHead, void> {
  if (size === 0) return;
  let line = 0;
  let rest = '';
  for await (const text of createReadStream(path, { encoding: 'utf8', end: size - 1 })) {
    const lines = `${rest}${String(text)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const whole of lines) yield parsed(whole, path, (line += 1));
  }
}

function parsed(text: string, path: string, line: number): SealHead {
  try {
    return headSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path} line ${line} is not a published head: ${text.slice(0, 200)}`, { cause });
  }
}

/** Makes the file if there is none, takes away what a crash left of a line, and answers its size. */
async function dropTornLine(path: string): Promise<number> {
  const file = await open(path, 'a+', 0o644);
  try {
    const { size } = await file.stat();
    let whole = size;
    const byte = Buffer.alloc(1);
    while (whole > 0) {
      await file.read(byte, 0, 1, whole - 1);
      if (byte.toString() === '\n') break;
      whole -= 1;
    }
    if (whole < size) await file.truncate(whole);
    await file.sync();
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
    return whole;
  } finally {
    await file.close();
  }
}

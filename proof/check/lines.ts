import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Read at once. */
const CHUNK_BYTES = 1 << 20;

/**
 * The whole lines of a file as it is now, in batches of a chunk, with the number of the first; what
 * somebody is writing at the moment (a last line without its end) is left out. Empty when there is no file.
 */
export async function* linesOf(
  path: string,
): AsyncGenerator<{ readonly first: number; readonly lines: readonly string[] }> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return;
  let rest = '';
  let first = 1;
  const stream = createReadStream(path, { encoding: 'utf8', end: size - 1, highWaterMark: CHUNK_BYTES });
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length === 0) continue;
    yield { first, lines };
    first += lines.length;
  }
}

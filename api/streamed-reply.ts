import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** A body that is made while it is read, and never held as a whole. */
export interface StreamedReply {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  /** Asked for the next piece only when the reader has taken the last. */
  readonly chunks: AsyncIterable<string>;
  /** Called once, however it ends. */
  readonly close: () => Promise<void>;
}

export interface StreamLimits {
  /** A reader that takes not a byte for so long is gone (ms). */
  readonly stallMs: number;
  /** A reader that is slower than this in all holds a snapshot of the database for too long (ms). */
  readonly wholeMs: number;
}

const LIMITS: StreamLimits = { stallMs: 30_000, wholeMs: 15 * 60_000 };

/**
 * Sends it as fast as the reader takes it. A body that cannot be finished is cut off without its last
 * chunk, which every HTTP client tells from a whole one.
 * @throws what `chunks` throws; not that the reader left.
 */
export async function sendStream(
  response: Response,
  { status, headers, chunks, close }: StreamedReply,
  { stallMs, wholeMs } = LIMITS,
): Promise<void> {
  try {
    response.writeHead(status, headers);
    if (response.req.method === 'HEAD') {
      response.end();
      return;
    }
    response.setTimeout(stallMs, () => {
      response.destroy();
    });
    await pipeline(chunks, response, { signal: AbortSignal.timeout(wholeMs) });
  } catch (error) {
    if (!isReaderGone(error)) throw error;
  } finally {
    await close();
  }
}

function isReaderGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ABORT_ERR')
  );
}

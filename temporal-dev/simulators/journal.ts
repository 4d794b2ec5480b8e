import { open, type FileHandle } from 'node:fs/promises';
import type { z } from 'zod';

/** The append-only file of what the acquirer did. */
export interface Journal<Entry> {
  /** What was in the file when it was opened. */
  readonly recovered: readonly Entry[];
  /** Resolves once the line is on the disk: only then may an answer leave. Lines keep their order. */
  append(entry: Entry): Promise<void>;
  /** Resolves once every line appended so far is on the disk. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the journal, creating it where there is none. A last line without its end was never
 * acknowledged to anybody (the answer waits for the disk) and is cut off.
 * @throws Error naming file and line when a whole line cannot be read.
 */
export async function openJournal<Entry>(path: string, schema: z.ZodType<Entry>): Promise<Journal<Entry>> {
  const file = await open(path, 'a+');
  try {
    const text = await file.readFile('utf8');
    const complete = text.slice(0, text.lastIndexOf('\n') + 1);
    if (complete.length < text.length) await file.truncate(Buffer.byteLength(complete));
    const lines = complete.split('\n').slice(0, -1);
    return {
      recovered: lines.map((line, index) => parseLine(path, schema, line, index + 1)),
      ...createWriter(file),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Many lines share one sync: whoever comes while one is under way goes into the next. */
function createWriter<Entry>(file: FileHandle): Omit<Journal<Entry>, 'recovered'> {
  let lines: string[] = [];
  let next: Promise<void> | null = null;
  let current: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    const batch = lines;
    lines = [];
    next = null;
    await file.appendFile(batch.join(''));
    await file.datasync();
  }

  return {
    append(entry) {
      lines.push(`${JSON.stringify(entry)}\n`);
      if (next === null) {
        next = current.then(flush);
        current = next;
      }
      return next;
    },
    settled: () => current,
    async close() {
      await current;
      await file.close();
    },
  };
}

function parseLine<Entry>(path: string, schema: z.ZodType<Entry>, line: string, number: number): Entry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(
      `${path}, line ${number} is not JSON: the journal was changed by hand; move it away to start without it`,
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    `${path}, line ${number} is not a journal entry (${parsed.error.issues[0]?.message ?? ''}): move it away to start without it`,
  );
}

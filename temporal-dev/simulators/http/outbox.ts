import { access } from 'node:fs/promises';
import { z } from 'zod';
import { openJournal } from '../journal.ts';

/** What names a line of a journal among all lines of all journals that may ever stand at its place. */
interface Line {
  readonly sequence: number;
  readonly at: string;
}

/**
 * Which reports were taken. What is to be reported follows from the simulator's journal, so only what is done
 * with is kept: what has no line here is reported again after a restart, under the same name.
 */
export interface Outbox {
  readonly isDone: (report: string) => boolean;
  /** It was taken, or is not to be sent at all. Dying before the line is written repeats the report. */
  done(report: string): void;
  close(): Promise<void>;
}

const lineSchema = z.strictObject({ done: z.string() });

/** Names the report of a line, or one of several; a journal that was moved away takes its names with it. */
export function reportName({ sequence, at }: Line, index = 0): string {
  return `${sequence}.${index} ${at}`;
}

/**
 * Opens the file beside the journal. Where there is none yet, what the journal has already counts as done.
 * @param names what each line of the journal is reported as
 * @throws Error naming file and line when a whole line cannot be read.
 */
export async function openOutbox<Entry>(
  journalPath: string,
  recovered: readonly Entry[],
  names: (entry: Entry) => readonly string[],
): Promise<Outbox> {
  const path = `${journalPath}.reported`;
  const isNew = await access(path).then(
    () => false,
    () => true,
  );
  const file = await openJournal(path, lineSchema);
  const known = new Set(file.recovered.map((line) => line.done));
  const done = (report: string): void => {
    if (known.has(report)) return;
    known.add(report);
    // A line that cannot be written ends the process, as one of the journal does.
    void file.append({ done: report });
  };
  if (isNew) for (const report of recovered.flatMap(names)) done(report);
  return { isDone: (report) => known.has(report), done, close: () => file.close() };
}

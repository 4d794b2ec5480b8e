import { readFile, writeFile } from 'node:fs/promises';
import { historyFromJSON, historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import { unpackHistory } from '../../platform/history-file.ts';

/** A run as it is replayed: its history, and whose it is. */
export interface Run {
  readonly workflowId: string;
  /** Of what it was read from: a run id or the name of a file. */
  readonly name: string;
  readonly history: History;
}

export type { History };

/**
 * Reads a history as Temporal's own tools write it (`temporal workflow show --output json`, Temporal
 * Web's download), or as it was exported (.gz): the workflow's id is in its first event.
 * @param check looks at the bytes first, and throws when they are not what they should be.
 * @throws Error that names the file, when it is no history.
 */
export async function readHistory(
  path: string,
  check: (bytes: Uint8Array) => Promise<void> = () => Promise.resolve(),
): Promise<Run> {
  try {
    const bytes = await readFile(path);
    await check(bytes);
    const history = path.endsWith('.gz')
      ? unpackHistory(bytes)
      : historyFromJSON(JSON.parse(bytes.toString('utf8')));
    return { workflowId: workflowIdOf(history), name: path, history };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} is no history of a workflow: ${reason}`, { cause: error });
  }
}

/** As a recording, without the name of the machine that it was made on (`queue@pid@host`). */
export async function writeHistory(path: string, history: History): Promise<void> {
  const text = historyToJSON(history).replaceAll(/("identity":\s*"[^"@]+@\d+)@[^"]*"/g, '$1"');
  await writeFile(path, `${text}\n`);
}

function workflowIdOf({ events }: History): string {
  const id = events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  if (id == null || id === '') throw new Error('its first event does not say of which workflow it is');
  return id;
}

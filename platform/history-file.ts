import { gunzipSync, gzipSync } from 'node:zlib';
import { historyFromJSON, historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';

export type { History };

/** How an exported history is called: what is looked for together lies together, and no folder grows without end. */
export function historyObject(workflowId: string, runId: string): string {
  // With the leading part of the id's time: one folder of folders for some nine hours.
  return `${workflowId.slice(0, SHARD_LENGTH)}/${workflowId}/${runId}.json.gz`;
}

/** A type's prefix, and 5 of the 26 characters of a TypeID. */
const SHARD_LENGTH = 'pay_'.length + 5;

/**
 * The form of Temporal's own tools (`temporal workflow show --output json`), packed. Payloads stay as they
 * are. The same history has the same bytes: the server answers its maps in another order each time.
 */
export function packHistory(history: History): Uint8Array {
  return gzipSync(`${JSON.stringify(inOrder(JSON.parse(historyToJSON(history))))}\n`);
}

/** Names sorted, at every depth. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, inOrder(inner)]),
  );
}

/** @throws Error when the bytes are damaged, or no history. */
export function unpackHistory(bytes: Uint8Array): History {
  return historyFromJSON(JSON.parse(gunzipSync(bytes).toString('utf8')));
}

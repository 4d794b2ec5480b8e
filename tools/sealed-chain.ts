import { join } from 'node:path';
import { packageRoot } from '../platform/package-root.ts';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';

/** What the commands share that verify a chain of seals: where it is, and how they say what they found. */

/** The options that say where: a run.json, or a database and a file of published heads. */
export const PLACE_OPTIONS = {
  'run-file': { type: 'string' },
  url: { type: 'string' },
  head: { type: 'string' },
} as const;

export interface ChainPlace {
  readonly url: string;
  /** Null = the chain is only held against itself. */
  readonly headFile: string | null;
}

/**
 * @param inRun where the chain is in a running stack.
 * @throws Error when the options exclude each other or there is no such run.json.
 */
export async function chainPlace(
  given: { readonly 'run-file'?: string; readonly url?: string; readonly head?: string },
  inRun: (run: RunFile) => { readonly url: string; readonly headFile: string },
): Promise<ChainPlace> {
  if (given.url !== undefined && given['run-file'] !== undefined)
    throw new Error('either --url or --run-file, not both');
  if (given.url !== undefined) return { url: given.url, headFile: given.head ?? null };
  const place = inRun(await readRunFile(given['run-file'] ?? join(packageRoot(), '.quittance', 'run.json')));
  return { ...place, headFile: given.head ?? place.headFile };
}

/** One line per problem, and how many more there are than were kept. */
export function problemLines(
  problems: readonly { readonly kind: string; readonly text: string }[],
  problemCount: number,
): string {
  const lines = problems.map(({ kind, text }) => `${kind}: ${text}\n`);
  if (problemCount > problems.length)
    lines.push(`… and ${problemCount - problems.length} more of these kinds\n`);
  return lines.join('');
}

/** What the seals were held against. */
export function againstPublished(
  headFile: string | null,
  published: bigint | number | string | null,
): string {
  if (headFile === null) return 'not held against a published head (--head)';
  return published === null ? 'nothing published yet' : `published up to ${published}`;
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';

/** What a test does with a block of a runbook; it stands behind the block's language. */
export type Way =
  /** `sh run`: every line is run as it stands. */
  | { readonly kind: 'shell' }
  /** `sh help`: too much for a test; its `--help` is run, and knows every option that is used. */
  | { readonly kind: 'help' }
  /** `sql run ROLE`: as that role; none but the owner changes anything. */
  | { readonly kind: 'sql'; readonly role: string }
  /** `promql run`: understood by Prometheus, and every metric is there. */
  | { readonly kind: 'promql' }
  /** `visibility run`: a query that Temporal takes. */
  | { readonly kind: 'visibility' }
  /** `… no-test: REASON`: nobody runs it. */
  | { readonly kind: 'untested'; readonly reason: string };

/** One command, statement, expression or query. */
export interface Saying {
  readonly way: Way;
  readonly text: string;
}

export interface RunbookPage {
  /** Of its file, without `.md`. */
  readonly name: string;
  /** Kinds of case are written small; the pages of alerts, as alerts are. */
  readonly of: 'case' | 'alert';
  readonly text: string;
  readonly sayings: readonly Saying[];
  /** Its text without the blocks. */
  readonly prose: string;
}

const RUNBOOKS = join(packageRoot(), 'docs', 'runbooks');
const BLOCK = /^( *)```(.*)\n([\s\S]*?)^\1```$/gm;

/** Every runbook. @throws Error that names a page with a block of which nobody says what a test does with it. */
export async function runbookPages(): Promise<readonly RunbookPage[]> {
  const files = (await readdir(RUNBOOKS)).filter((file) => file.endsWith('.md') && file !== 'README.md');
  return Promise.all(files.sort().map((file) => readPage(file)));
}

/** The page that lists them. */
export function runbookList(): Promise<string> {
  return readFile(join(RUNBOOKS, 'README.md'), 'utf8');
}

async function readPage(file: string): Promise<RunbookPage> {
  const name = file.replace(/\.md$/, '');
  const text = await readFile(join(RUNBOOKS, file), 'utf8');
  const sayings = [...text.matchAll(BLOCK)].flatMap(([, , info = '', body = '']) => {
    const way = wayOf(info);
    if (way === null)
      throw new Error(`docs/runbooks/${file}: a block is marked "${info}"; its README says what there is`);
    return saidIn(body, way).map((said) => ({ way, text: said }));
  });
  return {
    name,
    of: /^[A-Z]/.test(name) ? 'alert' : 'case',
    text,
    sayings,
    prose: text.replace(BLOCK, ''),
  };
}

function wayOf(info: string): Way | null {
  const [, role] = /^sql run (\w+)$/.exec(info) ?? [];
  if (role !== undefined) return { kind: 'sql', role };
  const [, reason] = /^\w+ no-test: (.+)$/.exec(info) ?? [];
  if (reason !== undefined) return { kind: 'untested', reason };
  switch (info) {
    case 'sh run':
      return { kind: 'shell' };
    case 'sh help':
      return { kind: 'help' };
    case 'promql run':
      return { kind: 'promql' };
    case 'visibility run':
      return { kind: 'visibility' };
    default:
      return null;
  }
}

/** A statement of SQL ends with a semicolon, everything else with its line. */
function saidIn(body: string, { kind }: Way): readonly string[] {
  const ends = kind === 'sql' ? /;\s*$/m : '\n';
  return body
    .replaceAll('\\\n', ' ')
    .split(ends)
    .map((said) => said.trim())
    .filter((said) => said !== '');
}

import { readFile } from 'node:fs/promises';

/**
 * Whether a metric exists: on one of the pages that processes answer, or in Temporal's core, which shows a
 * counter only when it has counted: its names are looked up in the program itself.
 * @param pages what Prometheus reads.
 */
export async function knownMetrics(pages: readonly string[]): Promise<(name: string) => boolean> {
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const core = await readFile(
    `node_modules/@temporalio/core-bridge/releases/${arch}-unknown-linux-gnu/index.node`,
  );
  const declared = new Set(['up', ...pages.flatMap(namesIn)]);
  return (name) => declared.has(name) || isOfCore(name, core);
}

/** What a page declares, a histogram with the lines that it consists of. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
  );
}

function isOfCore(name: string, core: Buffer): boolean {
  const own = /^temporal_(.+?)(?:_seconds)?(?:_bucket|_sum|_count|_total)?$/.exec(name)?.[1];
  return own !== undefined && core.includes(own);
}

import type { CheckReport } from '../check/prove.ts';
import type { Proof } from './run-proof.ts';
import { percentile } from './recovery.ts';

/** What was done to it and how it came through, as a page that can be put into docs/proof.md. */
export function markdownOf(proof: Proof, spared: readonly string[]): string {
  const { seed, payments, fallen, unreached, boundaries, endings, recovery, eventsTaken, underway, report } =
    proof;
  const crashes = fallen.filter(({ kind }) => kind === 'crash');
  const others = fallen.filter(({ kind }) => kind !== 'crash');
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  return [
    `### Seed ${seed}, ${report.at.slice(0, 10)}`,
    '',
    `${payments} payments, ${fallen.length} blows (${crashes.length} at crash points${unreached === 0 ? '' : `, ${unreached} more ordered and not reached`}), ${eventsTaken} events of acquirers, ${proof.seconds.toFixed(0)} s in all.`,
    `**${report.violationCount} violations**${report.broken === 0 ? '' : `, ${report.broken} checks could not be made`}; ${underway === 0 ? 'everything came to rest' : `NOT AT REST: ${underway} operations, commands, deliveries and events of acquirers`}.`,
    `From the end of a process to the next success: p50 ${seconds(percentile(recovery, 50))}, p99 ${seconds(percentile(recovery, 99))} (${recovery.length} ends).`,
    '',
    ...table(
      'Died at',
      crashes.map(({ what }) => what),
    ),
    ...table(
      'Other blows',
      others.map(({ what }) => what),
    ),
    ...counts('Blows that fell while a payment was between', boundaries),
    ...counts('Payments, as their clients saw them end', endings),
    '| Check | Looked at | Violations |',
    '|---|---|---|',
    ...report.checks.map(checked),
    '',
    ...spared.map((one) => `Not done here: ${one}.`),
    '',
  ].join('\n');
}

function checked({ number, name, result }: CheckReport): string {
  return result.checked
    ? `| ${number} ${name} | ${result.count} ${result.of} | ${result.violationCount} |`
    : `| ${number} ${name} | not checked: ${result.why} | |`;
}

function table(title: string, items: readonly string[]): readonly string[] {
  const tally = new Map<string, number>();
  for (const item of items) tally.set(item, (tally.get(item) ?? 0) + 1);
  return counts(title, tally);
}

/** In one paragraph: a report of some hundred blows stays readable. */
function counts(title: string, tally: ReadonlyMap<string, number>): readonly string[] {
  const told = [...tally].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${name} ${count}`);
  return [`${title}: ${told.length === 0 ? 'none' : told.join(', ')}.`, ''];
}

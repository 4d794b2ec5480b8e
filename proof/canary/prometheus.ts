import type { CanaryProof } from './prove.ts';

/**
 * What a search for canaries found, in the format of Prometheus's text files (node exporter's textfile collector):
 * of each place how many canaries were found in it, how many of those that were planted were not (the search itself
 * is broken then), and when it ended.
 */
export function canaryPrometheusOf(
  { searched, missed }: Pick<CanaryProof, 'searched' | 'missed'>,
  endedAt: Date,
): string {
  const lines = [
    '# HELP proof_canaries_found Canaries that the last npm run proof:canary found, by place.',
    '# TYPE proof_canaries_found gauge',
    ...searched.map(
      ({ place, found }) => `proof_canaries_found{place="${place.replaceAll(/[\\"]/g, '')}"} ${found.size}`,
    ),
    '# HELP proof_canaries_missed Planted canaries that the last npm run proof:canary did not find.',
    '# TYPE proof_canaries_missed gauge',
    `proof_canaries_missed ${missed.length}`,
    '# HELP proof_canary_ended_timestamp_seconds When the last npm run proof:canary ended.',
    '# TYPE proof_canary_ended_timestamp_seconds gauge',
    `proof_canary_ended_timestamp_seconds ${Math.floor(endedAt.getTime() / 1_000)}`,
  ];
  return `${lines.join('\n')}\n`;
}

import type { Report } from './prove.ts';

/**
 * The report in the format of Prometheus's text files (node exporter's textfile collector): how many
 * violations each check found, and when the last look ended. A check that could not look has no line.
 */
export function prometheusOf({ checks, violationCount, broken }: Report, endedAt: Date): string {
  const lines = [
    '# HELP proof_check_violations Violations that the last npm run proof:check found, by check.',
    '# TYPE proof_check_violations gauge',
    ...checks.flatMap(({ name, result }) =>
      result.checked ? [`proof_check_violations{check="${name}"} ${result.violationCount}`] : [],
    ),
    '# HELP proof_violations Violations that the last npm run proof:check found.',
    '# TYPE proof_violations gauge',
    `proof_violations ${violationCount}`,
    '# HELP proof_checks_broken Checks that could not look although what they need was given.',
    '# TYPE proof_checks_broken gauge',
    `proof_checks_broken ${broken}`,
    '# HELP proof_ended_timestamp_seconds When the last npm run proof:check ended.',
    '# TYPE proof_ended_timestamp_seconds gauge',
    `proof_ended_timestamp_seconds ${Math.floor(endedAt.getTime() / 1_000)}`,
  ];
  return `${lines.join('\n')}\n`;
}

import type { CheckReport, Report } from './prove.ts';

/** The report for people: a line for each check, and under it what it found with the records side by side. */
export function textOf({ at, checks, violationCount, broken, seconds }: Report): string {
  const lines = [`proof:check of ${at}`];
  for (const { number, name, promise, result, seconds: took } of checks) {
    const head = `${String(number).padStart(2)} ${name.padEnd(22)}`;
    if (!result.checked) {
      lines.push(`${head} not checked: ${result.why}`);
      continue;
    }
    const fresh = result.tooFresh === 0 ? '' : `, ${result.tooFresh} too fresh to judge`;
    const verdict = result.violationCount === 0 ? '0 violations' : `${result.violationCount} VIOLATIONS`;
    lines.push(`${head} ${result.count} ${result.of}: ${verdict}${fresh} (${took.toFixed(1)} s)`);
    for (const note of result.notes) lines.push(`   ${note}`);
    for (const left of result.notChecked) lines.push(`   not checked: ${left}`);
    if (result.violationCount > 0) lines.push(`   broken: ${promise}`);
    for (const { payment, what, records } of result.violations) {
      lines.push(` ✗ ${payment ?? '(no payment of ours)'}: ${what}`);
      if (records === null) continue;
      lines.push(
        `     workflow: ${records.workflow}`,
        `     ours:     ${records.ours}`,
        `     acquirer: ${records.acquirer}`,
      );
    }
    if (result.violationCount > result.violations.length)
      lines.push(`   … and ${result.violationCount - result.violations.length} more`);
  }
  const verdict =
    violationCount > 0
      ? `${violationCount} VIOLATIONS`
      : broken > 0
        ? `${broken} checks COULD NOT BE MADE`
        : 'no violation';
  lines.push(`${verdict} in ${seconds.toFixed(1)} s`);
  return `${lines.join('\n')}\n`;
}

/** The report for machines; numbers that do not fit JSON are text. */
export function jsonOf(report: Report): string {
  return `${JSON.stringify(report, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`;
}

/** The report as a JUnit suite: one case for each check. */
export function junitOf({ checks, violationCount, broken, seconds }: Report): string {
  const skipped = checks.filter(({ result }) => !result.checked && !('broke' in result)).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="proof:check" tests="${checks.length}" failures="${checks.filter(({ result }) => result.checked && result.violationCount > 0).length}" errors="${broken}" skipped="${skipped}" time="${seconds.toFixed(3)}">`,
    `  <properties><property name="violations" value="${violationCount}"/></properties>`,
    ...checks.map(caseOf),
    '</testsuite>',
    '',
  ].join('\n');
}

function caseOf({ number, name, result, seconds }: CheckReport): string {
  const head = `  <testcase classname="proof" name="${number} ${escaped(name)}" time="${seconds.toFixed(3)}">`;
  if (!result.checked)
    return `${head}<${'broke' in result ? 'error' : 'skipped'} message="${escaped(result.why)}"/></testcase>`;
  if (result.violationCount === 0) return `${head}</testcase>`;
  const told = result.violations
    .map(({ payment, what, records }) =>
      [payment ?? '', what, records?.workflow ?? '', records?.ours ?? '', records?.acquirer ?? ''].join(
        ' | ',
      ),
    )
    .join('\n');
  return `${head}<failure message="${result.violationCount} violations">${escaped(told)}</failure></testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (one) => ENTITIES[one] ?? one);
}

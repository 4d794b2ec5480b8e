import { isTimeColumn } from '../../platform/time-text.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A value in one cell of a table.
 * @param name of its column: it says what is a time. What people typed may look like one.
 */
function cell(value: unknown, name = ''): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'string') return isTimeColumn(name) ? value.slice(0, 19) : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return JSON.stringify(value);
}

/** Rows as aligned columns under their names, one line each; a word where there are none. */
export function tableOf(columns: readonly string[], rows: readonly Fields[]): string {
  if (rows.length === 0) return 'none\n';
  const lines = [
    columns.map((name) => name.replaceAll('_', ' ')),
    ...rows.map((row) => columns.map((name) => cell(row[name], name))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return `${lines
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

/** One record, a line for each of its fields. */
export function recordOf(record: Fields): string {
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  return Object.entries(record)
    .map(([name, value]) => `${name.padEnd(width)}  ${cell(value, name)}\n`)
    .join('');
}

export const QUEUE_COLUMNS = [
  'id',
  'kind',
  'payment_id',
  'opened_at',
  'due_at',
  'overdue',
  'assignee',
] as const;
export const DECISION_COLUMNS = [
  'id',
  'action',
  'subject',
  'state',
  'proposed_by',
  'decided_by',
  'reason',
] as const;

const PARTS = {
  operations: ['id', 'kind', 'amount', 'state', 'phase', 'due_at', 'unknown_since'],
  attempts: ['id', 'kind', 'acquirer', 'state', 'outcome', 'response_code', 'planned_at'],
  cases: ['id', 'kind', 'state', 'operation_id', 'opened_at'],
  decisions: DECISION_COLUMNS,
  timeline: ['at', 'event', 'status', 'cause'],
} as const;

/** A case or payment with its whole record. */
export function itemText(work: Fields): string {
  const { item, waiting, payment } = work as Readonly<Record<string, Fields | null>>;
  const parts = Object.entries(PARTS).map(
    ([name, columns]) => `\n${name}\n${tableOf(columns, rowsOf(work[name]))}`,
  );
  return `${recordOf({ ...item, ...waiting })}\npayment\n${recordOf(payment ?? {})}${parts.join('')}`;
}

/** A list of records out of an answer. */
export const rowsOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? (value as Fields[]) : [];

/** What became of a decision, and what comes next. */
export function decisionText(decision: Fields): string {
  const { id, action, state, subject, effect, command, decided_by: decider } = decision;
  const head = `${cell(id)} ${cell(state)}: ${cell(action)} of ${cell(subject)}`;
  if (state === 'proposed')
    return `${head}\n  somebody else agrees: npm run --silent ops -- confirm ${cell(id)} --login …\n`;
  if (state === 'rejected') return `${head}, by ${cell(decider)}\n`;
  const { state: reached, answer } = (command ?? {}) as Fields;
  const answered = typeof answer === 'string' ? `; the payment refused it: ${answer}` : '';
  return `${head}, became ${cell(effect)}${reached === undefined ? '' : ` (${cell(reached)})`}${answered}\n`;
}

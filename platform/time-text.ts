/**
 * Whether a record's member of that name holds a time, by how the tables name them: at, opened_at,
 * unknown_since, authorize_by. What people typed may look like a time and is none.
 */
export function isTimeColumn(name: string): boolean {
  return name === 'at' || /_(at|since)$/.test(name) || BY_WHEN.has(name);
}

/** The other columns that end in _by say who it was. */
const BY_WHEN: ReadonlySet<string> = new Set(['authorize_by', 'review_by', 'send_by']);

/** A point in time for people, to the second (UTC); nothing for none, and what is no time as it is. */
export function timeText(iso: unknown): string {
  if (typeof iso !== 'string') return '';
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toISOString().slice(0, 19).replace('T', ' ');
}

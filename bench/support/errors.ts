const KINDS_MAX = 5;

/** What failed, in a few lines: how often each thing, the most frequent first. */
export function summary(errors: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const error of errors) counts.set(error, (counts.get(error) ?? 0) + 1);
  const kinds = [...counts].sort(([, left], [, right]) => right - left);
  return [
    ...kinds.slice(0, KINDS_MAX).map(([error, count]) => `${count} × ${error}`),
    ...(kinds.length > KINDS_MAX ? [`and ${kinds.length - KINDS_MAX} other kinds of error`] : []),
  ];
}

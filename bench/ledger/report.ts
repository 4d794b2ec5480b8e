import { renderTable } from '../../temporal-dev/demo/table.ts';
import { keyOf, PATHS, type Path } from './cells.ts';
import type { Measured } from './measure.ts';
import type { SizeFigure } from './sizes.ts';
import { STRIPES, type StripeFigure } from './stripes.ts';

/** The table of all cells. Ratios compare rates within the same run. */
export function renderPaths(figures: ReadonlyMap<string, Measured>, inFlight: readonly number[]): string {
  const of = (path: Path, flying: number, hot: boolean): Measured | undefined =>
    figures.get(keyOf({ path, inFlight: flying, hot }));
  const ratio = (left: Measured | undefined, right: Measured | undefined): string =>
    left === undefined || right === undefined ? '' : (left.rate / right.rate).toFixed(2);
  const rows = inFlight.flatMap((flying) =>
    [false, true].flatMap((hot) =>
      PATHS.map((path) => {
        const own = of(path, flying, hot);
        return [
          String(flying),
          hot ? 'hot' : 'cold',
          path,
          own?.rate.toFixed(0) ?? '',
          own?.p50.toFixed(2) ?? '',
          own?.p99.toFixed(2) ?? '',
          ratio(own, of('floor', flying, hot)),
          ratio(own, of('fair', flying, hot)),
          hot ? ratio(own, of(path, flying, false)) : '',
          own?.retries.toFixed(2) ?? '',
          own?.wal.toFixed(0) ?? '',
        ];
      }),
    ),
  );
  const header = [
    'in flight',
    'accounts',
    'path',
    'commits/s',
    'p50 ms',
    'p99 ms',
    '÷ floor',
    '÷ fair',
    'hot ÷ cold',
    'retries/100',
    'WAL bytes',
  ];
  return renderTable(header, rows);
}

/** What a payment costs when the tables are large. */
export function renderSizes(large: number, figures: readonly SizeFigure[]): string {
  const rows = figures.map(({ inFlight, small, large }) => [
    String(inFlight),
    small.rate.toFixed(0),
    large.rate.toFixed(0),
    (small.rate / large.rate).toFixed(2),
  ]);
  return renderTable(
    ['in flight', 'commits/s at 10000', `commits/s at ${large}`, `cost at ${large} ÷ at 10000`],
    rows,
  );
}

/** What stripes bring on one hot merchant. */
export function renderStripes(figures: readonly StripeFigure[]): string {
  const rows = figures.map(({ path, inFlight, measured }) => [
    String(inFlight),
    path,
    ...measured.map(({ rate }) => rate.toFixed(0)),
    ...measured.slice(1).map(({ rate }) => (rate / (measured[0]?.rate ?? NaN)).toFixed(2)),
  ]);
  const header = [
    'in flight',
    'path',
    ...STRIPES.map((count) => `commits/s, ${count} stripes`),
    ...STRIPES.slice(1).map((count) => `${count} ÷ 1`),
  ];
  return renderTable(header, rows);
}

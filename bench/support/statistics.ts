/** The value below which that share of them lies: of an ordered list, the one at its place. NaN of none. */
export function quantile(ordered: readonly number[], share: number): number {
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? NaN;
}

/** Half are below it, half above; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const ordered = [...values].sort((left, right) => left - right);
  const upper = ordered[Math.floor(ordered.length / 2)] ?? NaN;
  return ordered.length % 2 === 1 ? upper : (upper + (ordered[ordered.length / 2 - 1] ?? NaN)) / 2;
}

/** How two figures of the same rounds compare: each round with itself, so that what slowed both is no difference. */
export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** @throws RangeError when the rounds are not the same number. */
export function ratioOf(above: readonly number[], below: readonly number[]): Ratio {
  if (above.length !== below.length)
    throw new RangeError(`${above.length} rounds cannot be compared with ${below.length}`);
  const ratios = above.map((value, round) => value / (below[round] ?? NaN));
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The slope of the line with the least squares through these points; NaN of fewer than two. */
export function slopeOf(points: readonly Point[]): number {
  const count = points.length;
  const x = points.reduce((sum, point) => sum + point.x, 0) / count;
  const y = points.reduce((sum, point) => sum + point.y, 0) / count;
  const together = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  const alone = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return together / alone;
}

/**
 * The one rounding rule of money: an exact rational of minor units becomes whole ones half to even, so
 * that a tie favours nobody. Whatever is computed (a share, a fee, a conversion) stays exact until the
 * amount that is posted, and is rounded there, once.
 */
export interface Ratio {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

export function ratio(numerator: bigint, denominator = 1n): Ratio {
  if (denominator <= 0n) throw new RangeError(`denominator ${denominator} is not positive`);
  return { numerator, denominator };
}

export function plus(a: Ratio, b: Ratio): Ratio {
  if (a.denominator === b.denominator) return ratio(a.numerator + b.numerator, a.denominator);
  return ratio(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function times(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** Below zero, zero, above zero: as a is less than, equal to, greater than b. */
export function compare(a: Ratio, b: Ratio): bigint {
  return a.numerator * b.denominator - b.numerator * a.denominator;
}

/** The nearest whole number; of two that are equally near, the even one. */
export function roundHalfEven({ numerator, denominator }: Ratio): bigint {
  const towardsZero = numerator / denominator;
  const rest = numerator - towardsZero * denominator;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < denominator || (twice === denominator && towardsZero % 2n === 0n)) return towardsZero;
  return towardsZero + (numerator < 0n ? -1n : 1n);
}

/**
 * What belongs to `part` of `whole`, of an amount that belongs to all of it, rounded. Taken in steps,
 * each step is the share so far less what was taken before: then the steps add up to the amount.
 */
export function shareOf(amount: bigint, part: bigint, whole: bigint): bigint {
  return roundHalfEven(ratio(amount * part, whole));
}

/** An exact decimal such as `1.0842`. @throws RangeError when it is none, or is not positive. */
export function parseDecimal(text: string): Ratio {
  const [, whole, decimals = ''] = /^(\d{1,20})(?:\.(\d{1,20}))?$/.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`${text} is not a decimal number`);
  const parsed = ratio(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  if (parsed.numerator === 0n) throw new RangeError(`${text} is not positive`);
  return parsed;
}

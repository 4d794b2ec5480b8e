import { estimateApproval } from './estimate.ts';
import type { CostKind, RouteOption, RouteRequest, Terms } from './types.ts';

const MILLION = 1_000_000n;
const MS_PER_SECOND = 1_000n;

/**
 * What sending a payment to an account is expected to bring: probability of approval × margin − cost −
 * what the wait costs. Whole micros of a minor unit; each quotient is rounded down, so that a better
 * input never makes a worse value.
 */
export function termsOf(
  option: RouteOption,
  { amount, crossBorder, settings }: Pick<RouteRequest, 'amount' | 'crossBorder' | 'settings'>,
): Terms {
  const { ppm, from } = estimateApproval(option.counts);
  // amount × millionths is exactly that many micros.
  const marginMicros = amount * settings.marginPpm;
  const expectedMicros = (marginMicros * ppm) / MILLION;
  const costMicros: Record<CostKind | 'cross_border', bigint> = {
    scheme: 0n,
    interchange: 0n,
    acquirer: 0n,
    cross_border: 0n,
  };
  for (const { kind, fixedMicros, ppm: rate, crossBorderPpm } of option.costs) {
    costMicros[kind] += fixedMicros + amount * rate;
    if (crossBorder === true) costMicros.cross_border += amount * crossBorderPpm;
  }
  const { scheme, interchange, acquirer, cross_border: abroad } = costMicros;
  const latencyMicros =
    (amount * settings.latencyPpmPerSecond * BigInt(option.latencyMs ?? 0)) / MS_PER_SECOND;
  return {
    approvalPpm: ppm,
    approvalFrom: from,
    marginMicros,
    expectedMicros,
    costMicros,
    latencyMicros,
    valueMicros: expectedMicros - scheme - interchange - acquirer - abroad - latencyMicros,
  };
}

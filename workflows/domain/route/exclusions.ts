import type { Capability, Exclusion, RouteOption, RouteRequest } from './types.ts';

/** Before a half-open breaker that is being probed by others is asked again (ms). */
const PROBE_PAUSE_MS = 1_000;

/** Why this account cannot take this payment now; empty when it can. All reasons, not the first. */
export function exclusionsOf(option: RouteOption, request: RouteRequest): readonly Exclusion[] {
  const found: Exclusion[] = [];
  const exclude = (code: Exclusion['code'], detail: string, until: number | null = null): void => {
    found.push({ code, detail, until });
  };
  byContract(option, request, exclude);
  byCapability(option, request, exclude);
  byAmount(option, request, exclude);
  byHealth(option, request, exclude);
  return found;
}

type Exclude = (code: Exclusion['code'], detail: string, until?: number | null) => void;

function byContract(
  { validFrom, validTo, currencies, brands }: RouteOption,
  { now, currency, brand }: RouteRequest,
  exclude: Exclude,
): void {
  if (now < validFrom) exclude('not_valid', `valid from ${iso(validFrom)}`);
  if (validTo !== null && now >= validTo) exclude('not_valid', `valid until ${iso(validTo)}`);
  if (!currencies.includes(currency)) exclude('currency', `does not take ${currency}`);
  if (!brands.includes(brand)) exclude('brand', `does not take ${brand}`);
}

function byCapability(
  { capabilities, singleMessage }: RouteOption,
  { holds, allowsPartialApproval, tried }: RouteRequest,
  exclude: Exclude,
): void {
  const need = (capability: Capability): void => {
    if (!capabilities.includes(capability)) exclude('capability', `cannot: ${capability}`);
  };
  need(!holds && singleMessage ? 'sale' : 'authorization');
  if (allowsPartialApproval) need('partial_approval');
  // After an answer the security code is gone (payment-rules: CVV and grants).
  if (tried.some(({ answered }) => answered)) need('no_security_code');
}

function byAmount({ limit, amountProblem }: RouteOption, { amount }: RouteRequest, exclude: Exclude): void {
  if (amountProblem !== null) exclude('wire', amountProblem);
  if (limit === null) return;
  if (amount < limit.minimum) exclude('amount_minimum', `takes ${limit.minimum} and more`);
  if (amount > limit.maximum) exclude('amount_maximum', `takes ${limit.maximum} and less`);
  if (amount % limit.step !== 0n) exclude('amount_step', `takes multiples of ${limit.step}`);
}

function byHealth(
  { maintenanceUntil, breaker }: RouteOption,
  { now, settings }: RouteRequest,
  exclude: Exclude,
): void {
  if (maintenanceUntil !== null && now < maintenanceUntil)
    exclude('maintenance', `maintenance until ${iso(maintenanceUntil)}`, maintenanceUntil);
  if (!settings.breaker) return;
  const reason = breaker.reason ?? 'no reason';
  if (breaker.state === 'open') {
    const until = breaker.until ?? now + PROBE_PAUSE_MS;
    exclude('breaker', `open until ${iso(until)}: ${reason}`, until);
  }
  if (breaker.state === 'half_open' && breaker.probesFree < 1)
    exclude('no_probe', `half open, being probed: ${reason}`, now + PROBE_PAUSE_MS);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

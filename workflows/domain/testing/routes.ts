import type { AcquirerAccountId, PaymentId } from '../ids.ts';
import type { BreakerView } from '../route/breaker.ts';
import { DEFAULT_SETTINGS, type RouteOption, type RouteRequest, type RouteSettings } from '../route/types.ts';

/** Fixtures of the tests of routing: a payment of 90.00 EUR and accounts that can take it. */
export const WELL: BreakerView = { state: 'closed', until: null, reason: null, probesFree: 0 };

export const NOW = 1_760_000_000_000;

export function accountOf(name: string): AcquirerAccountId {
  return `aca_${name}` as AcquirerAccountId;
}

/** An account named `name` at an acquirer of the same name. */
export function option(name: string, rest: Partial<RouteOption> = {}): RouteOption {
  return {
    acquirer: name,
    account: accountOf(name),
    singleMessage: false,
    currencies: ['EUR'],
    brands: ['visa'],
    capabilities: ['authorization', 'sale', 'partial_approval', 'no_security_code'],
    limit: null,
    amountProblem: null,
    validFrom: 0,
    validTo: null,
    maintenanceUntil: null,
    breaker: WELL,
    costs: [],
    counts: [],
    latencyMs: null,
    ...rest,
  };
}

/** Nothing is explored unless the test says so. */
export function request(
  options: readonly RouteOption[],
  { settings, ...rest }: Partial<Omit<RouteRequest, 'settings'>> & { settings?: Partial<RouteSettings> } = {},
): RouteRequest {
  return {
    payment: 'pay_1' as PaymentId,
    amount: 9_000n,
    currency: 'EUR',
    brand: 'visa',
    bin: '42424242',
    holds: true,
    allowsPartialApproval: false,
    crossBorder: null,
    authorizeBy: NOW + 600_000,
    tried: [],
    rules: [],
    options,
    degraded: false,
    now: NOW,
    ...rest,
    settings: { ...DEFAULT_SETTINGS, explorationPpm: 0, ...settings },
  };
}

import type { AcquirerAccountId } from './ids.ts';

/** A merchant's account at an acquirer, as far as choosing needs it. */
export interface RouteOption {
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  readonly singleMessage: boolean;
  readonly currencies: readonly string[];
  readonly brands: readonly string[];
  /** Why the payment's amount cannot be said to that acquirer; null when it can. */
  readonly amountProblem: string | null;
  /** Within its dates: a disabled account takes no new payments. */
  readonly valid: boolean;
}

export interface RouteCandidate {
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  readonly chosen: boolean;
  readonly reason: string;
}

/** The account an authorization goes to, and the whole decision for the record. */
export interface Route {
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  /** The account takes authorization and capture in one message (sale). */
  readonly singleMessage: boolean;
  readonly candidates: readonly RouteCandidate[];
}

/** The first account that can take the payment; null when none can. Every candidate is told why. */
export function chooseRoute(
  options: readonly RouteOption[],
  payment: { readonly currency: string; readonly brand: string },
): Route | null {
  const exclusions = options.map((option) => exclusion(option, payment));
  const index = exclusions.indexOf(null);
  const chosen = options[index];
  if (chosen === undefined) return null;
  return {
    acquirer: chosen.acquirer,
    account: chosen.account,
    singleMessage: chosen.singleMessage,
    candidates: options.map(({ acquirer, account }, place) => ({
      acquirer,
      account,
      chosen: place === index,
      reason:
        place === index ? 'first that can take it' : (exclusions[place] ?? 'could take it, listed later'),
    })),
  };
}

function exclusion(
  option: RouteOption,
  { currency, brand }: { currency: string; brand: string },
): string | null {
  if (!option.valid) return 'not valid today';
  if (!option.currencies.includes(currency)) return `does not take ${currency}`;
  if (!option.brands.includes(brand)) return `does not take ${brand}`;
  return option.amountProblem;
}

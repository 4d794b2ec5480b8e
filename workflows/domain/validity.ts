import type { CardBrand } from './card.ts';
import type { Attempt, AuthorizationType, PaymentState } from './payment.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the validity of an authorization depends on. */
export interface AuthorizationFacts {
  readonly brand: CardBrand;
  /** Who set it off: the customer in the shop, or the merchant with stored credentials. */
  readonly initiator: 'customer' | 'merchant';
  readonly type: AuthorizationType;
  /** Merchant category code of the account, 4 digits. */
  readonly mcc: string;
  /** When it ends by the acquirer's own word (epoch ms): it wins over the table. Null when it gave none. */
  readonly validUntil: number | null;
}

/** A row of the table; what it leaves out can be anything. */
interface ValidityRow {
  readonly brands?: readonly CardBrand[];
  readonly initiator?: AuthorizationFacts['initiator'];
  readonly type?: AuthorizationType;
  /** First and last category, both included. */
  readonly categories?: readonly (readonly [string, string])[];
  readonly days: number;
  readonly source: string;
}

/** Lodging (and hotel chains), car rental (and its chains), cruise lines. */
const TRAVEL = [
  ['3351', '3441'],
  ['3501', '3999'],
  ['4411', '4411'],
  ['7011', '7011'],
  ['7512', '7512'],
] as const;

/**
 * How long an authorization is valid: dated data, not constants in code (payment-rules: authorization
 * validity). The first row that fits counts; the last one fits everything.
 */
export const VALIDITY: { readonly asOf: string; readonly rows: readonly ValidityRow[] } = {
  asOf: '2026-11-01',
  rows: [
    {
      brands: ['visa'],
      type: 'pre',
      categories: TRAVEL,
      days: 30,
      source: 'Visa rules, estimated authorizations of lodging, rental and cruise; from memory',
    },
    {
      brands: ['visa'],
      initiator: 'merchant',
      days: 5,
      source: 'Visa rules, merchant-initiated transactions; from memory',
    },
    {
      brands: ['visa'],
      days: 7,
      source: 'Visa rules, customer-initiated card-absent transactions; from memory',
    },
    {
      brands: ['mastercard'],
      type: 'pre',
      days: 30,
      source: 'Mastercard transaction processing rules, pre-authorization; from memory',
    },
    {
      brands: ['mastercard'],
      days: 7,
      source: 'Mastercard transaction processing rules, final authorization; from memory',
    },
    {
      brands: ['discover', 'diners'],
      days: 10,
      source: 'public summaries of the network rules; from memory',
    },
    { days: 7, source: 'no rule known here: the shortest of the others' },
  ],
};

/** Capture closes this long before the authorization does, so that clearing reaches the issuer in time. */
export const CLEARING_MARGIN_MS = 12 * HOUR_MS;

/** When the authorization ends (epoch ms). */
export function validUntilOf(facts: AuthorizationFacts, authorizedAt: number): number {
  if (facts.validUntil !== null) return facts.validUntil;
  const row = VALIDITY.rows.find((one) => fits(one, facts));
  if (row === undefined) throw new Error(`the table of ${VALIDITY.asOf} has no validity for ${facts.brand}`);
  return authorizedAt + row.days * DAY_MS;
}

/**
 * When capturing closes (epoch ms): one clearing margin before the authorization ends.
 * `overrideMs` (development) replaces validity and margin.
 */
export function captureBeforeOf(
  facts: AuthorizationFacts,
  authorizedAt: number,
  overrideMs: number | null,
): number {
  if (overrideMs !== null) return authorizedAt + overrideMs;
  return validUntilOf(facts, authorizedAt) - CLEARING_MARGIN_MS;
}

/**
 * When capturing closes if this attempt is approved (epoch ms). It counts from when the attempt was planned: the
 * issuer may have approved it right then, long before anybody here learned of it.
 */
export function captureBeforeIfApproved(
  state: PaymentState,
  attempt: Attempt | null,
  now: number,
  overrideMs: number | null,
): number {
  return captureBeforeOf(factsOf(state, attempt), attempt?.plannedAt ?? now, overrideMs);
}

/** The facts of the authorization that an attempt asks for, as far as the payment knows them. */
function factsOf({ payment, operations }: PaymentState, attempt: Attempt | null): AuthorizationFacts {
  const asked = operations.find(({ id }) => id === attempt?.operation);
  return {
    brand: payment.card?.brand ?? 'other',
    // Nobody but the customer can start a payment yet; to renew it is the merchant's wish.
    initiator: asked?.kind === 'reauthorize' ? 'merchant' : 'customer',
    type: payment.authorizationType,
    mcc: attempt?.mcc ?? '',
    validUntil: attempt?.validUntil ?? null,
  };
}

function fits(
  { brands, initiator, type, categories }: ValidityRow,
  { brand, mcc, ...facts }: AuthorizationFacts,
): boolean {
  return (
    (brands === undefined || brands.includes(brand)) &&
    (initiator === undefined || initiator === facts.initiator) &&
    (type === undefined || type === facts.type) &&
    (categories === undefined || categories.some(([first, last]) => first <= mcc && mcc <= last))
  );
}

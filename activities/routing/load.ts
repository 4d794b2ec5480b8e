import type pg from 'pg';
import type { Currency } from '../../workflows/domain/currencies.ts';
import type { AcquirerAccountId, MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import {
  DEFAULT_SETTINGS,
  type Capability,
  type CostKind,
  type RouteOption,
  type RouteRequest,
  type RouteRule,
  type RouteSettings,
  type TriedAccount,
} from '../../workflows/domain/route/types.ts';

/** The rows of `load_routing` as JSON; amounts and micros are text. */
interface Document {
  amount: string;
  currency: Currency;
  mode: 'test' | 'live';
  capture_method: 'automatic' | 'manual';
  partial_approval: 'allow' | 'refuse';
  authorize_by: string;
  in_review: boolean;
  country: string;
  issuer_country: string | null;
  tried: TriedAccount[];
  settings: SettingsRow | null;
  rules: RuleRow[];
  accounts: AccountRow[];
}

interface SettingsRow {
  margin_ppm: number;
  latency_ppm_per_second: number;
  exploration_ppm: number;
  failover_limit: number;
  failover_after_answer: boolean;
  breaker: boolean;
}

interface RuleRow {
  id: string;
  priority: number;
  kind: RouteRule['kind'];
  currencies: string[];
  brands: string[];
  bins: string[];
  amount_from: number | null;
  amount_to: number | null;
  accounts: AcquirerAccountId[];
  percents: number[] | null;
}

interface AccountRow {
  acquirer: string;
  wire: string;
  account: AcquirerAccountId;
  single_message: boolean;
  currencies: string[];
  brands: string[];
  capabilities: Capability[];
  valid_from: string;
  valid_to: string | null;
  maintenance_until: string | null;
  limit: { minimum: string; maximum: string; step: string } | null;
  costs: { kind: CostKind; fixed_micros: string; ppm: number; cross_border_ppm: number }[];
}

/** An account as the database knows it; what Redis and the adapters know is added by the caller. */
export type KnownOption = Omit<RouteOption, 'breaker' | 'counts' | 'latencyMs' | 'amountProblem'> & {
  /** As in acquirers.wire. */
  readonly wire: string;
};

export interface LoadedRouting {
  readonly mode: 'test' | 'live';
  readonly inReview: boolean;
  readonly request: Omit<RouteRequest, 'options' | 'degraded' | 'now' | 'holds'>;
  readonly captureMethod: 'automatic' | 'manual';
  readonly options: readonly KnownOption[];
}

/** Reads what choosing rests on, in one round trip. @throws Error when there is no such payment. */
export async function loadRouting(
  pool: Pick<pg.Pool, 'query'>,
  { merchant, payment }: { readonly merchant: MerchantId; readonly payment: PaymentId },
  { bin, brand }: { readonly bin: string; readonly brand: string },
): Promise<LoadedRouting> {
  const { rows } = await pool.query<{ document: Document | null }>({
    name: 'load_routing',
    text: 'select load_routing($1, $2, $3, $4) as document',
    values: [merchant, payment, bin, brand],
  });
  const document = rows[0]?.document ?? null;
  if (document === null) throw new Error(`payment ${payment} of ${merchant} does not exist`);
  const { issuer_country: issuer, country } = document;
  return {
    mode: document.mode,
    inReview: document.in_review,
    captureMethod: document.capture_method,
    request: {
      payment,
      amount: BigInt(document.amount),
      currency: document.currency,
      brand,
      bin,
      allowsPartialApproval: document.partial_approval === 'allow',
      crossBorder: issuer === null ? null : issuer !== country,
      authorizeBy: Date.parse(document.authorize_by),
      tried: document.tried,
      settings: document.settings === null ? DEFAULT_SETTINGS : settingsOf(document.settings),
      rules: document.rules.map(ruleOf),
    },
    options: document.accounts.map(optionOf),
  };
}

function settingsOf(row: SettingsRow): RouteSettings {
  return {
    marginPpm: BigInt(row.margin_ppm),
    latencyPpmPerSecond: BigInt(row.latency_ppm_per_second),
    explorationPpm: row.exploration_ppm,
    failoverLimit: row.failover_limit,
    failoverAfterAnswer: row.failover_after_answer,
    breaker: row.breaker,
  };
}

function ruleOf(row: RuleRow): RouteRule {
  const { id, priority, kind, currencies, brands, bins, accounts } = row;
  const scope = {
    currencies,
    brands,
    bins,
    amountFrom: row.amount_from === null ? null : BigInt(row.amount_from),
    amountTo: row.amount_to === null ? null : BigInt(row.amount_to),
  };
  switch (kind) {
    case 'pin': {
      const [account] = accounts;
      if (account === undefined) throw new Error(`routing rule ${id} pins no account`);
      return { id, priority, scope, kind, account };
    }
    case 'prefer':
      return { id, priority, scope, kind, accounts };
    case 'split':
      return {
        id,
        priority,
        scope,
        kind,
        shares: accounts.map((account, place) => ({ account, percent: row.percents?.[place] ?? 0 })),
      };
  }
}

function optionOf(row: AccountRow): KnownOption {
  return {
    acquirer: row.acquirer,
    wire: row.wire,
    account: row.account,
    singleMessage: row.single_message,
    currencies: row.currencies,
    brands: row.brands,
    capabilities: row.capabilities,
    limit:
      row.limit === null
        ? null
        : {
            minimum: BigInt(row.limit.minimum),
            maximum: BigInt(row.limit.maximum),
            step: BigInt(row.limit.step),
          },
    validFrom: Date.parse(row.valid_from),
    validTo: row.valid_to === null ? null : Date.parse(row.valid_to),
    maintenanceUntil: row.maintenance_until === null ? null : Date.parse(row.maintenance_until),
    costs: row.costs.map(({ kind, fixed_micros: fixed, ppm, cross_border_ppm: abroad }) => ({
      kind,
      fixedMicros: BigInt(fixed),
      ppm: BigInt(ppm),
      crossBorderPpm: BigInt(abroad),
    })),
  };
}

import type { AcquirerAccountId } from '../ids.ts';
import { exclusionsOf } from './exclusions.ts';
import { drawPpm } from './hash.ts';
import { preferredBy, ruleFor } from './rules.ts';
import type {
  Candidate,
  Exclusion,
  RouteDecision,
  RouteLeft,
  RouteOption,
  RouteRequest,
  RouteRule,
  Terms,
} from './types.ts';
import { termsOf } from './value.ts';

/** An account as it is looked at. */
interface Judged {
  readonly option: RouteOption;
  readonly exclusions: readonly Exclusion[];
  readonly terms: Terms;
}

/**
 * Where the next authorization attempt of a payment goes: of the accounts that can take it, the one
 * that the merchant's rule puts first, else the one of the highest expected value; now and then, by
 * the payment's id, another one to learn. Pure: the same request gives the same decision, and the
 * decision names every account with its terms and why it was left out.
 */
export function decideRoute(request: RouteRequest): RouteDecision {
  const rule = ruleFor(request);
  const judged = withPlace(
    request,
    request.options.map((option) => ({
      option,
      exclusions: exclusionsOf(option, request).concat(byRule(rule, option)),
      terms: termsOf(option, request),
    })),
  );
  const able = judged.filter(({ exclusions }) => exclusions.length === 0);
  const ranked = inOrder(able, rule, request);
  const explored = explore(ranked, rule, request);
  const chosen = (explored ?? ranked[0])?.option ?? null;
  const ranks = new Map(ranked.map(({ option }, place) => [option.account, place + 1]));
  return {
    candidates: judged.map((one): Candidate => ({ ...one, rank: ranks.get(one.option.account) ?? null })),
    chosen,
    rule,
    explored: explored !== null,
    retryAt: chosen === null ? retryAt(judged, request) : null,
    left: leftAfter(chosen, judged, request),
  };
}

function byRule(rule: RouteRule | null, { account }: RouteOption): readonly Exclusion[] {
  if (rule?.kind !== 'pin' || rule.account === account) return [];
  return [{ code: 'rule', detail: `rule ${rule.id} pins ${rule.account}`, until: null }];
}

/**
 * After an attempt: elsewhere, while failovers are left and there is an elsewhere; else, and only if
 * nothing was executed, again where it was. What was answered is never asked twice.
 */
function withPlace(request: RouteRequest, judged: readonly Judged[]): readonly Judged[] {
  const { tried, settings } = request;
  if (tried.length === 0) return judged;
  const known = new Set(tried.map(({ account }) => account));
  const answered = new Set(tried.filter((one) => one.answered).map(({ account }) => account));
  const failovers = known.size - 1;
  const moves =
    failovers < settings.failoverLimit &&
    (answered.size === 0 || settings.failoverAfterAnswer) &&
    judged.some(({ option, exclusions }) => exclusions.length === 0 && !known.has(option.account));
  return judged.map((one) => {
    const { account } = one.option;
    const exclusion = answered.has(account)
      ? ANSWERED
      : known.has(account)
        ? moves
          ? TRIED
          : null
        : moves
          ? null
          : noFailover(failovers, answered.size > 0 && !settings.failoverAfterAnswer);
    return exclusion === null ? one : { ...one, exclusions: [...one.exclusions, exclusion] };
  });
}

const ANSWERED: Exclusion = { code: 'answered', detail: 'declined this payment before', until: null };
const TRIED: Exclusion = { code: 'tried', detail: 'tried before', until: null };

function noFailover(failovers: number, afterAnswer: boolean): Exclusion {
  const detail = afterAnswer ? 'no failover after an answer' : `no failover after ${failovers} before it`;
  return { code: 'failover_limit', detail, until: null };
}

function inOrder(able: readonly Judged[], rule: RouteRule | null, request: RouteRequest): readonly Judged[] {
  const accounts = new Set(able.map(({ option }) => option.account));
  const preferred = preferredBy(rule, request, (account) => accounts.has(account));
  // A retry stays where it was.
  const last = request.tried.at(-1)?.account ?? null;
  const first = last !== null && accounts.has(last) ? [last, ...preferred] : preferred;
  const place = (account: AcquirerAccountId): number => {
    const at = first.indexOf(account);
    return at === -1 ? first.length : at;
  };
  return [...able].sort(
    (a, b) =>
      place(a.option.account) - place(b.option.account) ||
      compare(b.terms.valueMicros, a.terms.valueMicros) ||
      compare(a.option.account, b.option.account),
  );
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Another than the best, for a share of payments; not where a rule or an earlier attempt decides. */
function explore(
  ranked: readonly Judged[],
  rule: RouteRule | null,
  { payment, settings, tried }: RouteRequest,
): Judged | null {
  const others = ranked.slice(1).filter(({ option }) => option.breaker.state === 'closed');
  if (rule !== null || tried.length > 0 || others.length === 0) return null;
  if (drawPpm(`${payment}:explore`) >= settings.explorationPpm) return null;
  const place = Math.floor((drawPpm(`${payment}:where`) * others.length) / 1_000_000);
  return others[place] ?? null;
}

/** When asking again may help: the first time that nothing but what passes stands in an account's way. */
function retryAt(judged: readonly Judged[], { tried, authorizeBy }: RouteRequest): number | null {
  // Who was declined is told so, and not kept waiting for another chance.
  if (tried.at(-1)?.answered === true) return null;
  const times = judged.flatMap(({ exclusions }) => {
    const ends = exclusions.map(({ until }) => until);
    return ends.length > 0 && ends.every((until) => until !== null) ? [Math.max(...ends)] : [];
  });
  const at = Math.min(...times);
  return at < authorizeBy ? at : null;
}

function leftAfter(
  chosen: RouteOption | null,
  judged: readonly Judged[],
  { tried, settings }: RouteRequest,
): RouteLeft {
  const known = new Set(tried.map(({ account }) => account));
  if (chosen !== null) known.add(chosen.account);
  const others =
    chosen === null || known.size - 1 >= settings.failoverLimit
      ? []
      : judged.filter(({ option, exclusions }) => exclusions.length === 0 && !known.has(option.account));
  const accounts = (some: readonly Judged[]): readonly AcquirerAccountId[] =>
    some.map(({ option }) => option.account);
  return {
    unsent: accounts(others),
    answered: settings.failoverAfterAnswer
      ? accounts(others.filter(({ option }) => option.capabilities.includes('no_security_code')))
      : [],
    probe: settings.breaker && chosen?.breaker.state === 'half_open',
  };
}

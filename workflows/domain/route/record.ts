import { amountBand } from './estimate.ts';
import type { Candidate, RouteAnswer, RouteDecision, RouteRecord, RouteRequest } from './types.ts';

/** The decision as plain JSON for route_decisions: everything it rested on, every account, every term. */
export function recordOf(request: RouteRequest, decision: RouteDecision): RouteRecord {
  const { settings } = request;
  return {
    at: iso(request.now),
    amount: request.amount.toString(),
    currency: request.currency,
    brand: request.brand,
    bin: request.bin,
    amount_band: amountBand(request.amount),
    cross_border: request.crossBorder,
    tried: request.tried,
    // After an answer the security code is gone, wherever the payment goes then.
    without_security_code: request.tried.some(({ answered }) => answered),
    settings: {
      margin_ppm: Number(settings.marginPpm),
      latency_ppm_per_second: Number(settings.latencyPpmPerSecond),
      exploration_ppm: settings.explorationPpm,
      failover_limit: settings.failoverLimit,
      failover_after_answer: settings.failoverAfterAnswer,
      breaker: settings.breaker,
    },
    statistics: request.degraded ? 'not available, priors' : 'available',
    rule: decision.rule === null ? null : { id: decision.rule.id, kind: decision.rule.kind },
    explored: decision.explored,
    chosen: decision.chosen?.account ?? null,
    retry_at: decision.retryAt === null ? null : iso(decision.retryAt),
    candidates: decision.candidates.map((one) => candidateOf(one, decision)),
    left: decision.left,
  };
}

function candidateOf(
  { option, exclusions, terms, rank }: Candidate,
  { chosen }: RouteDecision,
): Record<string, unknown> {
  const { scheme, interchange, acquirer, cross_border: abroad } = terms.costMicros;
  return {
    acquirer: option.acquirer,
    account: option.account,
    chosen: option.account === chosen?.account,
    rank,
    excluded: exclusions.map(({ code, detail }) => ({ code, detail })),
    approval_ppm: Number(terms.approvalPpm),
    approval_from: terms.approvalFrom,
    counts: option.counts
      .filter(({ answered }) => answered > 0n)
      .map(({ level, approved, answered }) => ({
        level,
        approved_thousandths: Number(approved),
        answered_thousandths: Number(answered),
      })),
    margin_micros: terms.marginMicros.toString(),
    expected_micros: terms.expectedMicros.toString(),
    cost_micros: {
      scheme: scheme.toString(),
      interchange: interchange.toString(),
      acquirer: acquirer.toString(),
      cross_border: abroad.toString(),
    },
    latency_ms: option.latencyMs,
    latency_micros: terms.latencyMicros.toString(),
    value_micros: terms.valueMicros.toString(),
    breaker: { state: option.breaker.state, reason: option.breaker.reason },
  };
}

/** What the workflow is told of a decision. */
export function answerOf(request: RouteRequest, decision: RouteDecision): RouteAnswer {
  const record = recordOf(request, decision);
  const { chosen, retryAt } = decision;
  if (chosen === null) {
    return retryAt === null
      ? { kind: 'none', decision: record }
      : { kind: 'later', at: retryAt, decision: record };
  }
  const last = request.tried.at(-1);
  return {
    kind: 'account',
    acquirer: chosen.acquirer,
    account: chosen.account,
    singleMessage: chosen.singleMessage,
    elsewhere: last !== undefined && last.account !== chosen.account,
    decision: record,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

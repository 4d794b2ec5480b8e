import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { VaultOperation, VaultProblemCode } from './contract.ts';
import { ALARM_KINDS, type VaultCounters } from './counters.ts';
import type { Leftovers } from './sweeper.ts';

/** A call that was answered: what was asked (none of ours: `none`), how it ended, how long it took. */
export interface AnsweredCall {
  readonly operation: VaultOperation | 'none';
  readonly outcome: VaultProblemCode | 'ok';
  readonly seconds: number;
}

/** Shows what was left over since the vault began, and what raised an alarm. */
export function registerVaultCounters(
  registry: Registry,
  counters: Pick<VaultCounters, 'alarms' | 'numericCellLoad'>,
  leftovers: () => Leftovers,
): void {
  new Gauge({
    name: 'vault_security_codes_left_over',
    help: 'Security codes of payments since the vault began that nobody burnt within their limit; should stay 0.',
    registers: [registry],
    collect() {
      this.set(leftovers().securityCodes);
    },
  });
  new Gauge({
    name: 'vault_staged_cards_left_over',
    help: 'Staged cards since the vault began that no payment took within their limit.',
    registers: [registry],
    collect() {
      this.set(leftovers().stagedCards);
    },
  });
  new Gauge({
    name: 'vault_numeric_cell_load',
    help: 'How full the fullest cell of numeric tokens was, since the vault began, in which one was asked for: 0.1 refuses.',
    registers: [registry],
    collect() {
      this.set(counters.numericCellLoad);
    },
  });
  new Counter({
    name: 'vault_alarms_total',
    help: 'Alarms of somebody who may be trying cards, by what was seen.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.reset();
      for (const kind of ALARM_KINDS) this.inc({ kind }, counters.alarms.get(kind) ?? 0);
    },
  });
}

/**
 * How often the vault was asked, what for, how that ended (refusals by rates are `rate_limited`, by alarms
 * `locked`), and how long it took from the request's head to its answer.
 * @returns takes every call that was answered.
 */
export function createCallMetrics(registry: Registry): (answered: AnsweredCall) => void {
  const calls = new Counter({
    name: 'vault_calls_total',
    help: 'Calls of the vault, by operation and outcome: ok, or the problem that the caller was told.',
    labelNames: ['operation', 'outcome'],
    registers: [registry],
  });
  const latency = new Histogram({
    name: 'vault_call_seconds',
    help: 'From a request’s head to its answer.',
    labelNames: ['operation'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  return ({ operation, outcome, seconds }) => {
    calls.inc({ operation, outcome });
    latency.observe({ operation }, seconds);
  };
}

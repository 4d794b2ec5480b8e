import type { VaultProblemCode } from './contract.ts';

/** What the vault counts while it runs; metrics are made from it. */
export interface VaultCounters {
  /** Requests that were refused, by problem. */
  readonly refused: Map<VaultProblemCode, number>;
  /** Alarms that were raised, by what was seen. */
  readonly alarms: Map<AlarmKind, number>;
  /** How full the fullest cell of numeric tokens was that a token was asked for in: a part of 1. */
  numericCellLoad: number;
}

export const ALARM_KINDS = ['many_failures', 'many_tokens', 'many_cards_of_a_cell'] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

export function createVaultCounters(): VaultCounters {
  return { refused: new Map(), alarms: new Map(), numericCellLoad: 0 };
}

export function count<K>(counts: Map<K, number>, what: K): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

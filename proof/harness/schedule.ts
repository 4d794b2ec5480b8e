import type { Random } from './random.ts';

/** The processes that are broken: everything that a payment passes. */
export const VICTIMS = [
  'api',
  'payments',
  'acquirers',
  'webhooks',
  'back-office',
  'vault',
  'acquirer-1',
  'acquirer-3',
  'redis',
  'temporal',
  'postgres',
] as const;
export type Victim = (typeof VICTIMS)[number];

/** kill: SIGKILL, and its supervisor starts it again. pause: SIGSTOP, and SIGCONT after `pauseMs`. terminate: an open workflow. */
export type Blow =
  | { readonly at: number; readonly kind: 'kill'; readonly victim: Victim }
  | { readonly at: number; readonly kind: 'pause'; readonly victim: Victim; readonly pauseMs: number }
  | { readonly at: number; readonly kind: 'terminate'; readonly pick: number };

/** Of ten blows six are kills, two pauses, two terminations. */
const KINDS: readonly ['kill', ...Blow['kind'][]] = [
  'kill', 'kill', 'pause', 'kill', 'terminate', 'kill', 'kill', 'pause', 'terminate', 'kill',
]; // prettier-ignore

/**
 * `kills` blows over `seconds`, one after the other, each process hit in turn so that none is spared; the
 * same seed gives the same. `at` in ms from the beginning.
 */
export function drawSchedule(random: Random, kills: number, seconds: number): readonly Blow[] {
  const step = (seconds * 1_000) / (kills + 1);
  const order = VICTIMS.map((victim) => ({ victim, place: random.whole(1 << 30) })).sort(
    (a, b) => a.place - b.place,
  );
  let turn = 0;
  const nextVictim = (): Victim => {
    turn += 1;
    return order[turn % order.length]?.victim ?? 'api';
  };
  return Array.from({ length: kills }, (_, index): Blow => {
    const at = Math.round(step * (index + 0.5) + random.whole(Math.max(1, Math.floor(step))));
    const kind = KINDS[index % KINDS.length] ?? 'kill';
    switch (kind) {
      case 'kill':
        return { at, kind, victim: nextVictim() };
      case 'pause':
        return { at, kind, victim: nextVictim(), pauseMs: 500 + random.whole(3_000) };
      case 'terminate':
        return { at, kind, pick: random.whole(1 << 30) };
    }
  });
}

import { CRASH_POINTS, type CrashPoint } from '../../temporal-dev/crash-orders.ts';
import { LINK_NAMES, type Link } from '../proxy/links.ts';
import type { Weather } from '../proxy/tcp-proxy.ts';
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
  'acquirer-4',
  'kms',
  'redis',
  'temporal',
  'postgres',
] as const;
export type Victim = (typeof VICTIMS)[number];

/** Those whose clock is moved: everything of ours that compares times and is not the database. */
export const CLOCKED = ['payments', 'acquirers', 'webhooks', 'back-office'] as const;
export type Clocked = (typeof CLOCKED)[number];

/** What can be done to an open workflow through Temporal's own client. */
export const TAMPERINGS = ['terminate', 'cancel', 'reset'] as const;
export type Tampering = (typeof TAMPERINGS)[number];

/**
 * crash: at its so manieth passage of that point a process kills itself. kill: SIGKILL, and its supervisor
 * starts it again. restart: SIGTERM, likewise. pause: SIGSTOP, and SIGCONT after `forMs`. tamper: with one of
 * the open workflows. link: bad weather on a connection for `forMs`. forget: Temporal is killed and its state
 * file deleted. full: the file system of PostgreSQL has no byte left for `forMs`. jump: the clock of a process
 * is `byS` seconds ahead (behind, when negative) for `forMs`.
 */
export type Blow = { readonly at: number } & (
  | ({ readonly kind: 'crash'; readonly passage: number } & CrashPoint)
  | { readonly kind: 'kill'; readonly victim: Victim }
  | { readonly kind: 'restart'; readonly victim: Victim }
  | { readonly kind: 'pause'; readonly victim: Victim; readonly forMs: number }
  | { readonly kind: 'tamper'; readonly how: Tampering; readonly pick: number }
  | { readonly kind: 'link'; readonly link: Link; readonly weather: Weather; readonly forMs: number }
  | { readonly kind: 'forget' }
  | { readonly kind: 'full'; readonly forMs: number }
  | { readonly kind: 'jump'; readonly victim: Clocked; readonly byS: number; readonly forMs: number }
);
export type BlowKind = Blow['kind'];

/** The order of blows: every other one ends a process at a crash point. Fewer blows than 32 are the first of them. */
const KINDS: readonly BlowKind[] = [
  'crash', 'kill', 'crash', 'link', 'crash', 'tamper', 'crash', 'restart', 'crash', 'link',
  'crash', 'kill', 'crash', 'pause', 'crash', 'tamper', 'crash', 'link', 'crash', 'kill',
  'crash', 'link', 'crash', 'tamper', 'crash', 'restart', 'crash', 'forget', 'crash', 'full',
  'crash', 'jump',
]; // prettier-ignore

/** An arrangement of all of them, then another, so that none is spared and none comes twice before all came. */
function inTurn<T>(random: Random, items: readonly T[]): () => T {
  let left: { readonly item: T; readonly place: number }[] = [];
  return () => {
    if (left.length === 0)
      left = items.map((item) => ({ item, place: random.whole(1 << 30) })).sort((a, b) => a.place - b.place);
    const next = left.pop();
    if (next === undefined) throw new RangeError('nothing to choose from');
    return next.item;
  };
}

/**
 * `count` blows over `seconds`, one after the other; each process, crash point, link and tampering in its
 * turn. The same seed gives the same. `at` in ms from the beginning.
 */
export function drawSchedule(random: Random, count: number, seconds: number): readonly Blow[] {
  const step = (seconds * 1_000) / (count + 1);
  const nextVictim = inTurn(random.fork('victims'), VICTIMS);
  const nextPoint = inTurn(random.fork('points'), CRASH_POINTS);
  const nextLink = inTurn(random.fork('links'), LINK_NAMES);
  const nextClock = inTurn(random.fork('clocks'), CLOCKED);
  const nextTampering = inTurn(random.fork('tamperings'), TAMPERINGS);
  const nextWeather = inTurn<Weather['kind']>(random.fork('weather'), WEATHERS);
  return Array.from({ length: count }, (_, index): Blow => {
    const at = Math.round(step * (index + 0.5) + random.whole(Math.max(1, Math.floor(step))));
    const kind = KINDS[index % KINDS.length] ?? 'kill';
    switch (kind) {
      case 'crash':
        return { at, kind, ...nextPoint(), passage: 1 + random.whole(3) };
      case 'kill':
        return { at, kind, victim: nextVictim() };
      case 'restart':
        return { at, kind, victim: nextVictim() };
      case 'pause':
        return { at, kind, victim: nextVictim(), forMs: 500 + random.whole(3_000) };
      case 'tamper':
        return { at, kind, how: nextTampering(), pick: random.whole(1 << 30) };
      case 'link':
        return { at, kind, link: nextLink(), weather: weatherOf(nextWeather(), random), forMs: 1_000 + random.whole(6_000) }; // prettier-ignore
      case 'forget':
        return { at, kind };
      case 'full':
        return { at, kind, forMs: 1_000 + random.whole(3_000) };
      case 'jump':
        return { at, kind, victim: nextClock(), byS: jumpOf(random), forMs: 2_000 + random.whole(8_000) };
    }
  });
}

/** Up to an hour, either way, and never less than what limits of requests and grants forgive. */
function jumpOf(random: Random): number {
  const seconds = 90 + random.whole(3_510);
  return random.whole(2) === 0 ? seconds : -seconds;
}

const WEATHERS = ['latency', 'reset', 'half_open', 'drop_answers'] as const;

function weatherOf(kind: Weather['kind'], random: Random): Weather {
  return kind === 'latency' ? { kind, ms: 50 + random.whole(1_500) } : { kind };
}

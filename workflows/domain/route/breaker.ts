/**
 * A circuit breaker as a pure state machine: it opens on technical failures, lets probes through when
 * its time is over, and closes on their success. Declines are answers and never count. The state is
 * plain JSON, shared by whoever has a place to share it (activities/routing/breakers.ts). Times are
 * epoch ms, always given.
 */
export interface BreakerState {
  readonly state: 'closed' | 'open' | 'half_open';
  /** When the state began: what was sent before it says nothing about it. */
  readonly since: number;
  /** Open only: when probes begin. */
  readonly until: number | null;
  /** Why it opened last; null while it never has. */
  readonly reason: string | null;
  /** Times it opened without having been well for long: each opens it for longer. */
  readonly opened: number;
  /** Failures in a row. */
  readonly streak: number;
  /** Calls that ended, by slice of the window: [slice, well, failed]. */
  readonly slices: readonly (readonly [number, number, number])[];
  /** When the probes that are under way are given up. */
  readonly probes: readonly number[];
  /** Probes that went well since it is half open. */
  readonly wellProbes: number;
}

export interface BreakerOptions {
  readonly windowMs: number;
  readonly sliceMs: number;
  /** Opens when at least this many calls ended within the window … */
  readonly callsMin: number;
  /** … of which at least so many failed … */
  readonly failuresMin: number;
  /** … and at least this share (millionths). */
  readonly failurePpm: number;
  /** Or when so many failed in a row, however long it took. */
  readonly streakMax: number;
  /** First pause; doubled each time up to the maximum. */
  readonly openMs: number;
  readonly openMaxMs: number;
  /** Closed for so long: the next pause is the first one again. */
  readonly forgetMs: number;
  /** Probes under way at once. */
  readonly probesMax: number;
  /** Probes in a row that close it. */
  readonly probesToClose: number;
  /** A probe that has not ended by then is given up. Above the longest call. */
  readonly probeLeaseMs: number;
}

export const BREAKER_OPTIONS: BreakerOptions = {
  windowMs: 10_000,
  sliceMs: 1_000,
  callsMin: 5,
  failuresMin: 3,
  failurePpm: 300_000,
  streakMax: 5,
  openMs: 5_000,
  openMaxMs: 30_000,
  forgetMs: 60_000,
  probesMax: 2,
  probesToClose: 4,
  probeLeaseMs: 45_000,
};

/** What choosing sees of a breaker. */
export interface BreakerView {
  readonly state: BreakerState['state'];
  readonly until: number | null;
  readonly reason: string | null;
  /** Half open: how many more may be let through now. */
  readonly probesFree: number;
}

/** The end of a call as a breaker sees it. */
export interface EndedCall {
  /** Ambiguous or certainly not executed; a decline is no failure. Null where it says nothing about the acquirer. */
  readonly failed: boolean | null;
  /** The breaker had let it through as a probe. */
  readonly probe: boolean;
  /** When it was planned. */
  readonly plannedAt: number;
}

export const CLOSED: BreakerState = {
  state: 'closed',
  since: 0,
  until: null,
  reason: null,
  opened: 0,
  streak: 0,
  slices: [],
  probes: [],
  wellProbes: 0,
};

export function breakerView(
  state: BreakerState,
  now: number,
  options: BreakerOptions = BREAKER_OPTIONS,
): BreakerView {
  const current = at(state, now);
  return {
    state: current.state,
    until: current.until,
    reason: current.reason,
    probesFree: current.state === 'half_open' ? probesFree(current, options) : 0,
  };
}

/** The state after a call ended. */
export function breakerAfter(
  state: BreakerState,
  call: EndedCall,
  now: number,
  options: BreakerOptions = BREAKER_OPTIONS,
): BreakerState {
  const current = at(state, now);
  switch (current.state) {
    case 'closed':
      // Sent before it closed: news of a trouble that is over.
      if (call.failed === null || call.plannedAt < current.since) return current;
      return counted(current, call.failed, now, options);
    case 'open':
      return current;
    case 'half_open': {
      if (!call.probe) return current;
      if (call.failed === null) {
        // It has told nothing: another one may go. One of an earlier time has no place here to give back.
        return call.plannedAt < current.since ? current : { ...current, probes: current.probes.slice(1) };
      }
      if (call.failed) return opened(current, 'a probe failed', now, options);
      const wellProbes = current.wellProbes + 1;
      if (wellProbes < options.probesToClose)
        return { ...current, wellProbes, probes: current.probes.slice(1) };
      return { ...CLOSED, since: now, reason: current.reason, opened: current.opened };
    }
  }
}

/** Lets one probe through a half-open breaker; null when none is free. */
export function takeProbe(
  state: BreakerState,
  now: number,
  options: BreakerOptions = BREAKER_OPTIONS,
): BreakerState | null {
  const current = at(state, now);
  if (current.state !== 'half_open' || probesFree(current, options) < 1) return null;
  return { ...current, probes: [...current.probes, now + options.probeLeaseMs] };
}

/** Open ends by the clock alone, and probes that never came back are given up. */
function at(state: BreakerState, now: number): BreakerState {
  switch (state.state) {
    case 'closed':
      return state;
    case 'open':
      return now < (state.until ?? 0)
        ? state
        : { ...state, state: 'half_open', since: state.until ?? now, until: null, probes: [], wellProbes: 0 };
    case 'half_open':
      return { ...state, probes: state.probes.filter((end) => end > now) };
  }
}

/** Those that went well count as under way: no more are let through than it takes to close. */
function probesFree({ probes, wellProbes }: BreakerState, options: BreakerOptions): number {
  return Math.max(Math.min(options.probesMax, options.probesToClose - wellProbes) - probes.length, 0);
}

function counted(state: BreakerState, failed: boolean, now: number, options: BreakerOptions): BreakerState {
  const { windowMs, sliceMs, callsMin, failuresMin, failurePpm, streakMax } = options;
  const slice = Math.floor(now / sliceMs);
  const kept = state.slices.filter(([one]) => (slice - one) * sliceMs < windowMs);
  const last = kept.at(-1);
  const isOpen = last?.[0] === slice;
  const [, well, bad] = isOpen ? last : [slice, 0, 0];
  const slices = [
    ...(isOpen ? kept.slice(0, -1) : kept),
    [slice, well + (failed ? 0 : 1), bad + (failed ? 1 : 0)] as const,
  ];
  const streak = failed ? state.streak + 1 : 0;
  const failures = slices.reduce((sum, [, , one]) => sum + one, 0);
  const calls = failures + slices.reduce((sum, [, one]) => sum + one, 0);
  const next = { ...state, slices, streak };
  if (!failed) return next;
  if (calls >= callsMin && failures >= failuresMin && failures * 1_000_000 >= calls * failurePpm) {
    return opened(next, `${failures} of ${calls} calls failed within ${windowMs / 1_000} s`, now, options);
  }
  if (streak >= streakMax) return opened(next, `${streak} calls in a row failed`, now, options);
  return next;
}

function opened(state: BreakerState, reason: string, now: number, options: BreakerOptions): BreakerState {
  const { openMs, openMaxMs, forgetMs } = options;
  const before = state.state === 'closed' && now - state.since >= forgetMs ? 0 : state.opened;
  return {
    ...CLOSED,
    state: 'open',
    since: now,
    until: now + Math.min(openMs * 2 ** Math.min(before, 16), openMaxMs),
    reason,
    opened: before + 1,
  };
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BREAKER_OPTIONS,
  breakerAfter,
  breakerView,
  CLOSED,
  takeProbe,
  type BreakerState,
} from './breaker.ts';

/**
 * The promise: an acquirer that fails is left alone within seconds, is asked again by few, and gets
 * its traffic back when those went well. Time is given, so nothing here waits.
 */
const T0 = 1_760_000_000_000;
const { openMs, openMaxMs, probesToClose, probeLeaseMs, forgetMs } = BREAKER_OPTIONS;

function failed(state: BreakerState, now: number, plannedAt = now): BreakerState {
  return breakerAfter(state, { failed: true, probe: false, plannedAt }, now);
}
function well(state: BreakerState, now: number): BreakerState {
  return breakerAfter(state, { failed: false, probe: false, plannedAt: now }, now);
}
function probed(state: BreakerState, ended: 'well' | 'failed', now: number): BreakerState {
  const taken = takeProbe(state, now);
  if (taken === null) throw new Error('no probe is free');
  return breakerAfter(taken, { failed: ended === 'failed', probe: true, plannedAt: now }, now);
}

/** Five failures at once. */
function tripped(now = T0): BreakerState {
  let state = CLOSED;
  for (let n = 0; n < 5; n += 1) state = failed(state, now);
  return state;
}

describe('a breaker that is closed', () => {
  it('opens when a share of the calls within its window fails, and says which', () => {
    let state = CLOSED;
    for (let n = 0; n < 6; n += 1) state = well(state, T0 + n * 100);
    state = failed(failed(state, T0 + 700), T0 + 800);
    expect(state.state).toBe('closed');
    state = failed(state, T0 + 900);
    expect(state).toMatchObject({
      state: 'open',
      reason: '3 of 9 calls failed within 10 s',
      until: T0 + 900 + openMs,
    });
  });

  it('forgets what is older than its window', () => {
    let state = CLOSED;
    for (let n = 0; n < 20; n += 1) {
      state = failed(state, T0 + n * 6_000);
      state = well(state, T0 + n * 6_000);
    }
    expect(state.state).toBe('closed');
    expect(state.slices.length).toBeLessThanOrEqual(10);
  });

  it('opens on failures in a row, however slowly they come', () => {
    let state = CLOSED;
    for (let n = 0; n < 4; n += 1) state = failed(state, T0 + n * 60_000);
    expect(state.state).toBe('closed');
    expect(failed(state, T0 + 300_000)).toMatchObject({
      state: 'open',
      reason: '5 calls in a row failed',
    });
  });

  it('learns nothing from what failed on our side, however often', () => {
    let state = well(CLOSED, T0);
    const before = state;
    for (let n = 0; n < 50; n += 1)
      state = breakerAfter(state, { failed: null, probe: false, plannedAt: T0 + n }, T0 + n);
    expect(state).toBe(before);
  });

  it('does not open on a few failures among many, or on one alone', () => {
    let state = CLOSED;
    for (let n = 0; n < 200; n += 1) {
      state = n % 5 === 0 ? failed(state, T0 + n * 50) : well(state, T0 + n * 50);
    }
    expect(state.state).toBe('closed');
    expect(failed(CLOSED, T0).state).toBe('closed');
  });

  it('moves away within 15 s from an acquirer that loses every second answer, at three payments a second', () => {
    let state = CLOSED;
    const lostAfterMs = 8_000;
    for (let at = -20_000; at < 30_000; at += 333) {
      const lost = at > 0 && Math.floor(at / 333) % 2 === 0;
      if (!lost) state = well(state, T0 + at);
      // What was lost eight seconds ago is known to be lost now.
      const before = at - lostAfterMs;
      if (before > 0 && Math.floor(before / 333) % 2 === 0) {
        state = failed(state, T0 + at, T0 + before);
      }
      if (state.state === 'open') {
        expect(at).toBeLessThan(15_000);
        return;
      }
    }
    throw new Error('it never opened');
  });
});

describe('a breaker that is open', () => {
  it('lets nobody through until its time is over, then a few', () => {
    const state = tripped();
    expect(breakerView(state, T0 + openMs - 1)).toMatchObject({ state: 'open', probesFree: 0 });
    expect(takeProbe(state, T0 + openMs - 1)).toBeNull();
    const [first, second] = [takeProbe(state, T0 + openMs), takeProbe(state, T0 + openMs)];
    expect(first).toEqual(second);
    expect(breakerView(state, T0 + openMs)).toMatchObject({ state: 'half_open', probesFree: 2 });
    const both = first === null ? null : takeProbe(first, T0 + openMs);
    if (both === null) throw new Error('the second probe was not let through');
    expect(takeProbe(both, T0 + openMs)).toBeNull();
    expect(breakerView(both, T0 + openMs).probesFree).toBe(0);
    // A probe that never came back is given up.
    expect(takeProbe(both, T0 + openMs + probeLeaseMs)).not.toBeNull();
  });

  it('does not listen to calls from before, and neither does one that has just closed', () => {
    const state = tripped();
    expect(well(state, T0 + 1_000)).toEqual(state);
    let closed = state;
    for (let n = 0; n < probesToClose; n += 1) closed = probed(closed, 'well', T0 + openMs + n);
    expect(closed.state).toBe('closed');
    for (let n = 0; n < 10; n += 1) closed = failed(closed, T0 + openMs + 100, T0 - 1);
    expect(closed.state).toBe('closed');
  });
});

describe('a breaker that is half open', () => {
  it('closes after enough probes went well, with nothing held against it', () => {
    let state = tripped();
    for (let n = 1; n < probesToClose; n += 1) {
      state = probed(state, 'well', T0 + openMs);
      expect(state.state).toBe('half_open');
    }
    state = probed(state, 'well', T0 + openMs);
    expect(state).toMatchObject({ state: 'closed', slices: [], streak: 0 });
  });

  it('opens again on the first probe that failed, each time for longer, up to a limit', () => {
    let state = tripped();
    const pauses: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      pauses.push((state.until ?? 0) - state.since);
      state = probed(state, 'failed', state.until ?? 0);
      expect(state).toMatchObject({ state: 'open', reason: 'a probe failed' });
    }
    expect(pauses).toEqual([openMs, 2 * openMs, 4 * openMs, openMaxMs, openMaxMs, openMaxMs]);
  });

  it('neither opens nor closes by a probe that failed on our side, and lets another one go', () => {
    const taken = takeProbe(takeProbe(tripped(), T0 + openMs) ?? CLOSED, T0 + openMs);
    if (taken === null) throw new Error('no probe is free');
    expect(takeProbe(taken, T0 + openMs)).toBeNull();
    const told = breakerAfter(taken, { failed: null, probe: true, plannedAt: T0 + openMs }, T0 + openMs + 1);
    expect(told).toMatchObject({ state: 'half_open', wellProbes: 0, opened: taken.opened });
    expect(takeProbe(told, T0 + openMs + 1)).not.toBeNull();
    const old = { failed: null, probe: true, plannedAt: T0 - 1 };
    expect(takeProbe(breakerAfter(taken, old, T0 + openMs + 1), T0 + openMs + 1)).toBeNull();
  });

  it('begins with the short pause again only after it was well for long', () => {
    const close = (state: BreakerState): BreakerState => {
      let closing = state;
      for (let n = 0; n < probesToClose; n += 1) closing = probed(closing, 'well', state.until ?? 0);
      return closing;
    };
    const trip = (state: BreakerState, now: number): BreakerState => {
      let next = state;
      for (let n = 0; n < 5; n += 1) next = failed(next, now);
      return next;
    };
    const closed = close(tripped());
    const soon = trip(closed, closed.since + 1_000);
    expect((soon.until ?? 0) - soon.since).toBe(2 * openMs);
    const late = trip(closed, closed.since + forgetMs);
    expect((late.until ?? 0) - late.since).toBe(openMs);
  });
});

describe('whatever happens', () => {
  it('its state stays small, and no more probes are under way than allowed', () => {
    const event = fc.record({
      kind: fc.constantFrom('well', 'failed', 'probe', 'probe_well', 'probe_failed'),
      after: fc.integer({ min: 0, max: 4_000 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        let state = CLOSED;
        let now = T0;
        for (const { kind, after } of events) {
          now += after;
          if (kind === 'probe') state = takeProbe(state, now) ?? state;
          else {
            const call = { failed: kind.endsWith('failed'), probe: kind.startsWith('probe'), plannedAt: now };
            state = breakerAfter(state, call, now);
          }
          expect(state.probes.length).toBeLessThanOrEqual(BREAKER_OPTIONS.probesMax);
          expect(JSON.stringify(state).length).toBeLessThan(600);
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
          if (breakerView(state, now).state === 'open') expect(state.until).toBeGreaterThan(now);
        }
      }),
      { numRuns: 300 },
    );
  });
});

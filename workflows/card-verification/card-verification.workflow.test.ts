import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { openVerificationBench, type BenchVerification, type VerificationBench } from './testing/bench.ts';

/**
 * The promise: a verification ends once, with an issuer's word or as unknown: in time, whatever is lost, and
 * asking an issuer at most three times.
 */
let bench: VerificationBench;

beforeAll(async () => {
  bench = await openVerificationBench(await temporalTestServerProgram());
}, 300_000);
afterAll(() => bench.close());

async function run(script: Partial<BenchVerification> = {}): Promise<BenchVerification> {
  const verification = Object.assign(await bench.open(), script);
  await bench.start(verification);
  return verification;
}

async function ended(script: Partial<BenchVerification> = {}): Promise<BenchVerification> {
  const verification = await run(script);
  await bench.ended(verification);
  expect(verification.status === 'processing' ? 0 : 1).toBe(1);
  return verification;
}

/** Until its question was put and nobody answered: the run is in the pause that follows. */
const lost = (verification: BenchVerification): Promise<boolean> =>
  waitUntil('it was asked, and nobody answered', 30_000, () =>
    verification.attempts.some(({ state }) => state === 'sending'),
  );

const asked = ({ steps }: BenchVerification): number => steps.filter((step) => step === 'verify').length;

describe('a card verification', () => {
  it.each([
    ['approved', 'verified'],
    ['declined', 'declined'],
  ] as const)('that is %s ends as %s after one question', async (ending, status) => {
    const verification = await ended({ ending: () => ending });
    expect(verification).toMatchObject({ status, unknownReason: null, ends: 1 });
    expect(verification.steps).toEqual(['tokenize', 'plan', 'verify', 'conclude']);
  });

  it('whose answers are all lost is asked three times, with growing pauses, and ends as unknown', async () => {
    const times: number[] = [];
    const verification = await ended({
      ending: async () => {
        times.push(await bench.now());
        return 'lost' as const;
      },
    });
    expect(verification).toMatchObject({ status: 'unknown', unknownReason: 'no_answer', ends: 1 });
    expect(times).toHaveLength(3);
    const pauses = times.slice(1).map((time, place) => time - (times[place] ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(2_000);
    expect(pauses[1]).toBeGreaterThanOrEqual(8_000);
    expect(verification.burnt).toBeGreaterThan(0);
  });

  it('that was lost, and is answered the second time, is what that answer says', async () => {
    const verification = await ended({ ending: (number) => (number === 1 ? 'lost' : 'declined') });
    expect(verification).toMatchObject({ status: 'declined', ends: 1 });
    expect(asked(verification)).toBe(2);
  });

  it('whose lost answer comes before it is asked again is not asked again', async () => {
    const verification = await run({ ending: () => 'lost' });
    await lost(verification);
    verification.attempts = verification.attempts.map((one) => ({
      ...one,
      state: 'answered',
      outcome: 'approved',
    }));
    await bench.ended(verification);
    expect(verification).toMatchObject({ status: 'verified', ends: 1 });
    expect(asked(verification)).toBe(1);
  });

  it('that cannot be sent is tried until its time is over, and then was not attempted: no decline', async () => {
    const verification = await ended({ ending: () => 'not_sent' });
    expect(verification).toMatchObject({ status: 'unknown', unknownReason: 'not_attempted', ends: 1 });
    // 1, 2, 4, 8, 16 s and then every 30 s, for ten minutes.
    expect(asked(verification)).toBeGreaterThan(15);
    expect(asked(verification)).toBeLessThan(30);
    // Each gave its security code back; what is left of it at the end is destroyed.
    expect(verification.released).toBe(asked(verification));
    expect(verification.burnt).toBe(1);
  });

  it('that no account can ask about ends at once, with nothing sent', async () => {
    const verification = await ended({ routed: false });
    expect(verification).toMatchObject({ status: 'unknown', unknownReason: 'no_route', burnt: 1 });
    expect(asked(verification)).toBe(0);
  });

  it.each([
    ['thrown_sent', 'may have been heard', 0],
    ['thrown_unsent', 'certainly was not', 1],
  ] as const)(
    'whose acquirer worker dies (%s): the question %s, and another is put',
    async (first, _, released) => {
      const verification = await ended({ ending: (number) => (number === 1 ? first : 'approved') });
      expect(verification).toMatchObject({ status: 'verified', ends: 1, released });
      expect(asked(verification)).toBe(2);
    },
  );

  it.each(['tokenize', 'plan', 'conclude'])('in which %s fails once goes on', async (step) => {
    const verification = await ended({ fails: new Set([step]) });
    expect(verification).toMatchObject({ status: 'verified', ends: 1 });
    expect(asked(verification)).toBe(1);
  });

  it('whose run is terminated in a pause is finished by the next one, which counts what was asked', async () => {
    const verification = await run({ ending: () => 'lost' });
    await lost(verification);
    await bench.terminate(verification);
    await bench.start(verification);
    await bench.ended(verification);
    expect(verification).toMatchObject({ status: 'unknown', unknownReason: 'no_answer', ends: 1 });
    expect(asked(verification)).toBe(3);
  });

  it('that is cancelled goes on to its end', async () => {
    const verification = await run({ ending: (number) => (number === 1 ? 'lost' : 'approved') });
    await lost(verification);
    await bench.cancel(verification);
    await bench.ended(verification);
    expect(verification).toMatchObject({ status: 'verified', ends: 1 });
  });
});

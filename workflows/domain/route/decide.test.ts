import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOf, NOW, option, request, WELL } from '../testing/routes.ts';
import { decideRoute } from './decide.ts';
import { estimateApproval, PRIOR_PPM } from './estimate.ts';
import { drawPpm } from './hash.ts';
import { answerOf, recordOf } from './record.ts';
import { CAPABILITIES, type RouteOption, type RouteRequest, type RouteRule } from './types.ts';
import { termsOf } from './value.ts';

/**
 * The promise: a payment goes only where it can be taken; of those accounts to the one that is worth
 * most, unless the merchant says otherwise; and the decision, made again, is the same.
 */
const A = accountOf('a');
const B = accountOf('b');
const C = accountOf('c');
const ANY = { currencies: [], brands: [], bins: [], amountFrom: null, amountTo: null };

const chosen = (asked: RouteRequest): string | null => decideRoute(asked).chosen?.account ?? null;
const codes = (asked: RouteRequest, account: string): string[] =>
  decideRoute(asked)
    .candidates.find((one) => one.option.account === account)
    ?.exclusions.map(({ code }) => code) ?? [];
const acquirerCost = (ppm: bigint): Pick<RouteOption, 'costs'> => ({
  costs: [{ kind: 'acquirer', fixedMicros: 0n, ppm, crossBorderPpm: 0n }],
});

describe('an account is left out', () => {
  it.each<[string, Partial<RouteOption>, Partial<RouteRequest>, string]>([
    ['whose contract has not begun', { validFrom: NOW + 1 }, {}, 'not_valid'],
    ['whose contract is over', { validTo: NOW }, {}, 'not_valid'],
    ['of other currencies', { currencies: ['USD'] }, {}, 'currency'],
    ['of other brands', { brands: ['amex'] }, {}, 'brand'],
    ['that only sells, where money is to be held', { capabilities: ['sale'] }, {}, 'capability'],
    [
      'that cannot sell, where it sells',
      { singleMessage: true, capabilities: ['authorization'] },
      { holds: false },
      'capability',
    ],
    [
      'that approves all or nothing, where a part is welcome',
      { capabilities: ['authorization'] },
      { allowsPartialApproval: true },
      'capability',
    ],
    [
      'that takes only more',
      { limit: { minimum: 9_001n, maximum: 10_000n, step: 1n } },
      {},
      'amount_minimum',
    ],
    ['that takes only less', { limit: { minimum: 1n, maximum: 8_999n, step: 1n } }, {}, 'amount_maximum'],
    ['that takes only steps', { limit: { minimum: 1n, maximum: 10_000n, step: 7n } }, {}, 'amount_step'],
    ['whose wire cannot say the amount', { amountProblem: 'no multiple of 10' }, {}, 'wire'],
    ['in maintenance', { maintenanceUntil: NOW + 1 }, {}, 'maintenance'],
    [
      'whose breaker is open',
      { breaker: { ...WELL, state: 'open', until: NOW + 5_000, reason: 'x' } },
      {},
      'breaker',
    ],
    ['that is being probed by others', { breaker: { ...WELL, state: 'half_open' } }, {}, 'no_probe'],
  ])('%s', (_, rest, asked, code) => {
    const routed = request([option('a', rest), option('b', acquirerCost(1_000n))], asked);
    expect(codes(routed, A)).toEqual([code]);
    expect(chosen(routed)).toBe(B);
  });

  it('for every reason there is, not for the first', () => {
    const routed = request([option('a', { currencies: [], brands: [], validTo: 1 })]);
    expect(codes(routed, A)).toEqual(['not_valid', 'currency', 'brand']);
    expect(answerOf(routed, decideRoute(routed)).kind).toBe('none');
  });

  it('for its breaker only where breakers count', () => {
    const open = option('a', { breaker: { ...WELL, state: 'open', until: NOW + 5_000, reason: 'x' } });
    expect(chosen(request([open]))).toBeNull();
    expect(chosen(request([open], { settings: { breaker: false } }))).toBe(A);
  });
});

describe('when only what passes stands in the way', () => {
  const open = (until: number) =>
    option('a', { breaker: { ...WELL, state: 'open' as const, until, reason: '3 of 5' } });

  it('the payment waits for the first that may come back', () => {
    const routed = request([open(NOW + 5_000), option('b', { maintenanceUntil: NOW + 3_000 })]);
    expect(answerOf(routed, decideRoute(routed))).toMatchObject({ kind: 'later', at: NOW + 3_000 });
  });

  it('it does not wait for what will not help, nor past its time', () => {
    const wrong = request([{ ...open(NOW + 5_000), currencies: [] }]);
    expect(answerOf(wrong, decideRoute(wrong)).kind).toBe('none');
    const late = request([open(NOW + 5_000)], { authorizeBy: NOW + 5_000 });
    expect(answerOf(late, decideRoute(late)).kind).toBe('none');
  });

  it('a half-open one lets a probe through, and the decision says so', () => {
    const routed = request([option('a', { breaker: { ...WELL, state: 'half_open', probesFree: 1 } })]);
    expect(decideRoute(routed)).toMatchObject({ chosen: { account: A }, left: { probe: true } });
  });
});

describe('the value of an account', () => {
  it('is probability × margin − costs − wait, in exact micros', () => {
    const terms = termsOf(
      option('a', {
        costs: [
          { kind: 'scheme', fixedMicros: 5_000n, ppm: 300n, crossBorderPpm: 0n },
          { kind: 'interchange', fixedMicros: 0n, ppm: 2_000n, crossBorderPpm: 1_000n },
          { kind: 'acquirer', fixedMicros: 10_000_000n, ppm: 0n, crossBorderPpm: 0n },
        ],
        latencyMs: 500,
      }),
      { ...request([]), crossBorder: true },
    );
    expect(terms).toEqual({
      approvalPpm: 850_000n,
      approvalFrom: 'prior',
      marginMicros: 180_000_000n,
      expectedMicros: 153_000_000n,
      costMicros: {
        scheme: 2_705_000n,
        interchange: 18_000_000n,
        acquirer: 10_000_000n,
        cross_border: 9_000_000n,
      },
      latencyMicros: 900_000n,
      valueMicros: 153_000_000n - 2_705_000n - 18_000_000n - 10_000_000n - 9_000_000n - 900_000n,
    });
  });

  it('takes the finest count that has something, and the coarser ones as what it starts from', () => {
    expect(estimateApproval([])).toEqual({ ppm: PRIOR_PPM, from: 'prior' });
    const seen = (level: 'bin' | 'acquirer_all', approved: bigint, answered: bigint) => ({
      level,
      approved,
      answered,
    });
    // Ten answers weigh as much as what is believed: (10 × 1 + 10 × 0.85) / 20.
    expect(estimateApproval([seen('acquirer_all', 10_000n, 10_000n)])).toEqual({
      ppm: 925_000n,
      from: 'acquirer_all',
    });
    expect(
      estimateApproval([seen('bin', 0n, 990_000n), seen('acquirer_all', 10_000n, 10_000n)]),
    ).toMatchObject({ ppm: 9_250n, from: 'bin' });
  });
});

describe('a rule of the merchant', () => {
  const three = [option('a'), option('b', acquirerCost(100n)), option('c', acquirerCost(200n))];
  const rule = (rest: Partial<RouteRule> & Record<string, unknown>): RouteRule =>
    ({ id: 'r', priority: 1, scope: ANY, ...rest }) as RouteRule;

  it('pins to one account or to none', () => {
    const rules = [rule({ kind: 'pin', account: C })];
    expect(chosen(request(three, { rules }))).toBe(C);
    expect(chosen(request(three.slice(0, 2), { rules }))).toBeNull();
    expect(decideRoute(request(three, { rules })).left.unsent).toEqual([]);
  });

  it('prefers in its order, and falls back on the others by value', () => {
    const rules = [rule({ kind: 'prefer', accounts: [C, B] })];
    const ranks = decideRoute(request(three, { rules })).candidates.map(({ rank }) => rank);
    expect(ranks).toEqual([3, 2, 1]);
  });

  it('splits by percent, the same way each time, and shares out what one cannot take', () => {
    const shares = [
      { account: A, percent: 20 },
      { account: B, percent: 30 },
      { account: C, percent: 50 },
    ];
    const rules = [rule({ kind: 'split', shares })];
    const count = (options: readonly RouteOption[]): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (let n = 0; n < 5_000; n += 1) {
        const to = chosen(request(options, { rules, payment: `pay_${n}` as RouteRequest['payment'] })) ?? '';
        counts[to] = (counts[to] ?? 0) + 1;
      }
      return counts;
    };
    const whole = count(three);
    expect(whole[A]).toBeGreaterThan(900);
    expect(whole[A]).toBeLessThan(1_100);
    expect(whole[C]).toBeGreaterThan(2_350);
    expect(whole[C]).toBeLessThan(2_650);
    const without = count(three.slice(0, 2));
    expect(without[A]).toBeGreaterThan(1_850);
    expect(without[A]).toBeLessThan(2_150);
  });

  it('decides only about what it is about, the first of them by priority', () => {
    const rules = [
      rule({ id: 'late', priority: 9, kind: 'pin', account: A }),
      rule({ id: 'bin', priority: 2, scope: { ...ANY, bins: ['4000'] }, kind: 'pin', account: B }),
      rule({
        id: 'amount',
        priority: 2,
        scope: { ...ANY, amountFrom: 9_000n, amountTo: 9_000n },
        kind: 'pin',
        account: C,
      }),
    ];
    expect(chosen(request(three, { rules }))).toBe(C);
    expect(chosen(request(three, { rules, amount: 9_001n }))).toBe(A);
    expect(chosen(request(three, { rules, amount: 1n, bin: '40001234' }))).toBe(B);
  });
});

describe('exploration', () => {
  it('sends a share of payments elsewhere, by their ids', () => {
    const options = [option('a'), option('b', acquirerCost(100n)), option('c', acquirerCost(200n))];
    let explored = 0;
    for (let n = 0; n < 4_000; n += 1) {
      const asked = request(options, {
        payment: `pay_${n}` as RouteRequest['payment'],
        settings: { explorationPpm: 100_000 },
      });
      const decision = decideRoute(asked);
      if (decision.explored) explored += 1;
      expect(decision.chosen?.account === A).toBe(!decision.explored);
    }
    expect(explored).toBeGreaterThan(320);
    expect(explored).toBeLessThan(480);
  });

  it('draws evenly from ids that differ in their last characters', () => {
    const draws = Array.from({ length: 10_000 }, (_, n) => drawPpm(`pay_${n}`));
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const within = draws.filter((draw) => Math.floor(draw / 100_000) === tenth).length;
      expect(within).toBeGreaterThan(850);
      expect(within).toBeLessThan(1_150);
    }
  });
});

describe('after an attempt', () => {
  const three = [option('a'), option('b', acquirerCost(100n)), option('c', acquirerCost(200n))];
  const unsent = (...accounts: (typeof A)[]) => accounts.map((account) => ({ account, answered: false }));
  const declined = (...accounts: (typeof A)[]) => accounts.map((account) => ({ account, answered: true }));

  it('that was not sent the payment goes elsewhere, twice at most, and then stays where it was', () => {
    expect(chosen(request(three, { tried: unsent(A) }))).toBe(B);
    expect(chosen(request(three, { tried: unsent(A, B) }))).toBe(C);
    const four = [...three, option('d', acquirerCost(1n))];
    const last = request(four, { tried: unsent(A, B, C) });
    expect(chosen(last)).toBe(C);
    expect(codes(last, accountOf('d'))).toEqual(['failover_limit']);
    expect(chosen(request(three, { tried: unsent(A), settings: { failoverLimit: 0 } }))).toBe(A);
  });

  it('with no other account to go to it stays, too', () => {
    expect(chosen(request([option('a')], { tried: unsent(A, A) }))).toBe(A);
  });

  it('that was declined it goes elsewhere only where the merchant and the acquirer allow it', () => {
    const asked = { tried: declined(A), settings: { failoverAfterAnswer: true } };
    expect(chosen(request(three, asked))).toBe(B);
    const needsCode = three.map((one) => ({ ...one, capabilities: ['authorization'] as const }));
    expect(chosen(request(needsCode, asked))).toBeNull();
    expect(chosen(request(three, { tried: declined(A) }))).toBeNull();
    expect(recordOf(request(three, asked), decideRoute(request(three, asked)))).toMatchObject({
      without_security_code: true,
    });
  });

  it('the one that declined is never asked again', () => {
    const asked = {
      tried: [...declined(A), ...unsent(B)],
      settings: { failoverAfterAnswer: true, failoverLimit: 1 },
    };
    expect(chosen(request(three, asked))).toBe(B);
    expect(codes(request(three, asked), A)).toContain('answered');
  });

  it('a decision names what it leaves for the next', () => {
    const settings = { failoverAfterAnswer: true };
    const codeless = [
      option('a'),
      option('b', acquirerCost(100n)),
      option('c', { ...acquirerCost(200n), capabilities: ['authorization'] }),
    ];
    expect(decideRoute(request(codeless, { settings })).left).toEqual({
      unsent: [B, C],
      answered: [B],
      probe: false,
    });
    expect(decideRoute(request(codeless)).left.answered).toEqual([]);
    expect(decideRoute(request(codeless, { settings: { failoverLimit: 0 } })).left.unsent).toEqual([]);
  });
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const ppm = fc.integer({ min: 0, max: 40_000 }).map(BigInt);
const count = fc
  .record({ answered: fc.integer({ min: 0, max: 500_000 }), share: fc.integer({ min: 0, max: 1_000 }) })
  .map(({ answered, share }) => ({
    answered: BigInt(answered),
    approved: (BigInt(answered) * BigInt(share)) / 1_000n,
  }));
const optionOf = (name: string): fc.Arbitrary<RouteOption> =>
  fc
    .record({
      currencies: fc.constantFrom(['EUR'], ['USD'], ['EUR', 'USD']),
      brands: fc.constantFrom(['visa'], ['visa'], ['amex']),
      capabilities: fc.subarray([...CAPABILITIES], { minLength: 2 }),
      singleMessage: fc.boolean(),
      validTo: fc.constantFrom(null, null, NOW - 1),
      maintenanceUntil: fc.constantFrom(null, null, NOW + 1_000),
      limit: fc.constantFrom(null, null, { minimum: 5_000n, maximum: 20_000n, step: 10n }),
      breaker: fc.constantFrom(
        WELL,
        WELL,
        { state: 'open' as const, until: NOW + 1_000, reason: 'x', probesFree: 0 },
        { state: 'half_open' as const, until: null, reason: 'x', probesFree: 1 },
        { state: 'half_open' as const, until: null, reason: 'x', probesFree: 0 },
      ),
      costs: ppm.map((rate) => [
        { kind: 'acquirer' as const, fixedMicros: 0n, ppm: rate, crossBorderPpm: 100n },
      ]),
      counts: fc.tuple(count, count).map(([fine, coarse]) => [
        { level: 'bin' as const, ...fine },
        { level: 'acquirer' as const, ...coarse },
      ]),
      latencyMs: fc.option(fc.integer({ min: 0, max: 9_000 })),
    })
    .map((rest) => option(name, rest));

const requests = fc
  .record({
    options: fc.tuple(...NAMES.map(optionOf)),
    payment: fc.integer({ min: 0, max: 1_000_000 }).map((n) => `pay_${n}` as RouteRequest['payment']),
    amount: fc.integer({ min: 1, max: 100_000 }).map(BigInt),
    holds: fc.boolean(),
    crossBorder: fc.option(fc.boolean()),
    tried: fc.array(
      fc.record({ account: fc.constantFrom(...NAMES).map(accountOf), answered: fc.boolean() }),
      { maxLength: 4 },
    ),
    rules: fc.constantFrom<readonly RouteRule[]>(
      [],
      [],
      [{ id: 'p', priority: 1, scope: ANY, kind: 'pin', account: A }],
      [{ id: 'q', priority: 1, scope: ANY, kind: 'prefer', accounts: [C, B] }],
      [
        {
          id: 's',
          priority: 1,
          scope: ANY,
          kind: 'split',
          shares: [
            { account: A, percent: 60 },
            { account: B, percent: 40 },
          ],
        },
      ],
    ),
    settings: fc.record({
      explorationPpm: fc.constantFrom(0, 500_000),
      failoverLimit: fc.integer({ min: 0, max: 2 }),
      failoverAfterAnswer: fc.boolean(),
      breaker: fc.boolean(),
    }),
  })
  .map(({ options, ...rest }) => request(options, rest));

describe('whatever is asked', () => {
  it('an account that is left out is never chosen, and every other has a rank', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const { candidates, chosen: to, left } = decideRoute(asked);
        for (const { exclusions, rank } of candidates) expect(rank !== null).toBe(exclusions.length === 0);
        const ranks = candidates.map(({ rank }) => rank).filter((rank) => rank !== null);
        expect(ranks.sort((a, b) => a - b)).toEqual(ranks.map((_, place) => place + 1));
        expect(to === null).toBe(ranks.length === 0);
        const taken = candidates.find(({ option: { account } }) => account === to?.account);
        expect(taken?.exclusions ?? []).toEqual([]);
        for (const account of [...left.unsent, ...left.answered]) {
          expect(candidates.find((one) => one.option.account === account)?.exclusions).toEqual([]);
          expect(asked.tried.some((one) => one.account === account)).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('an account that declined the payment is not asked again, and no more than three are ever asked', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const to = decideRoute(asked).chosen?.account;
        expect(asked.tried.some((one) => one.answered && one.account === to)).toBe(false);
        const before = new Set(asked.tried.map(({ account }) => account));
        if (to !== undefined && before.size >= 3) expect(before.has(to)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('the same request gives the same decision, whatever the order of the accounts', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const first = recordOf(asked, decideRoute(asked));
        expect(recordOf(asked, decideRoute(asked))).toEqual(first);
        const turned = { ...asked, options: [...asked.options].reverse() };
        expect(decideRoute(turned).chosen).toEqual(decideRoute(asked).chosen);
        expect(JSON.parse(JSON.stringify(first))).toEqual(first);
      }),
      { numRuns: 500 },
    );
  });

  it('more approvals, or lower costs, never make an account rank lower', () => {
    const better = fc.record({
      place: fc.integer({ min: 0, max: NAMES.length - 1 }),
      approvals: fc.integer({ min: 0, max: 500_000 }).map(BigInt),
      cheaper: fc.integer({ min: 0, max: 40_000 }).map(BigInt),
    });
    fc.assert(
      fc.property(requests, better, (asked, { place, approvals, cheaper }) => {
        const improved = asked.options.map((one, index) =>
          index !== place
            ? one
            : {
                ...one,
                counts: one.counts.map((seen) => ({
                  ...seen,
                  approved:
                    seen.approved + approvals > seen.answered ? seen.answered : seen.approved + approvals,
                })),
                costs: one.costs.map((cost) => ({
                  ...cost,
                  ppm: cost.ppm > cheaper ? cost.ppm - cheaper : 0n,
                })),
              },
        );
        const rankOf = (options: readonly RouteOption[]): number | null =>
          decideRoute({ ...asked, options }).candidates[place]?.rank ?? null;
        const before = rankOf(asked.options);
        const after = rankOf(improved);
        expect(after === null).toBe(before === null);
        expect(after ?? 0).toBeLessThanOrEqual(before ?? 0);
      }),
      { numRuns: 1_000 },
    );
  });
});

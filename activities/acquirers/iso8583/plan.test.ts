import { describe, expect, it } from 'vitest';
import type { AcquirerAccountId, AttemptId } from '../../../workflows/domain/ids.ts';
import type {
  AcquirerAccount,
  OriginalAttempt,
  PlanRequest,
  WireFields,
} from '../../../workflows/ports/wire.ts';
import { createBlockLeases, createNumberBlocks, type BlockLeases } from './number-blocks.ts';
import { createIso8583Planner, type NumberSource } from './plan.ts';

const account: AcquirerAccount = {
  id: 'aca_1' as AcquirerAccountId,
  acquirer: 'acquirer-1',
  merchantAccount: 'MERCHANT1',
  mcc: '5999',
  iso8583: { institution: '400123', terminals: ['TERM0001'], acceptorName: 'EXAMPLE SHOP AMSTERDAM NL' },
};

function withTerminals(...terminals: readonly string[]): AcquirerAccount {
  const { iso8583 } = account;
  return { ...account, iso8583: iso8583 === null ? null : { ...iso8583, terminals } };
}

const series = { acquirer: 'acquirer-1', institution: '400123' };

function counting(): NumberSource {
  let stan = 0;
  let serial = 0;
  return {
    stan: () => Promise.resolve(String((stan += 1)).padStart(6, '0')),
    referenceSerial: () => Promise.resolve(String((serial += 1)).padStart(8, '0')),
  };
}

const request = (over: Partial<PlanRequest>): PlanRequest => ({
  account,
  kind: 'authorization',
  amount: 1_250n,
  currency: 'EUR',
  at: new Date('2025-11-21T13:53:07.900Z'),
  original: null,
  remaining: null,
  standing: { authorized: 0n, captured: 0n },
  ...over,
});

const original = (wire: WireFields, over: Partial<OriginalAttempt> = {}): OriginalAttempt => ({
  id: 'att_auth_1' as AttemptId,
  kind: 'authorization',
  amount: 10_000n,
  wire,
  approvalCode: 'A12345',
  acquirerReference: null,
  ...over,
});

it('the plan of a card verification is an authorization request of nothing that says so', async () => {
  const planner = createIso8583Planner({ blocks: counting() });
  const wire = await planner.planVerification?.({ account, currency: 'EUR', at: request({}).at });
  const authorization = await planner.plan(request({ amount: 0n }));
  expect(wire).toEqual({ ...authorization, conditionCode: '51', stan: '000001', rrn: '532500000001' });
  expect(wire).toMatchObject({ mti: '0100', processingCode: '000000', amount: '000000000000' });
});

describe('the plan of an attempt on the ISO 8583 wire', () => {
  it('names everything but the card, as it will be sent', async () => {
    const wire = await createIso8583Planner({ blocks: counting() }).plan(request({}));
    expect(wire).toEqual({
      mti: '0100',
      processingCode: '000000',
      amount: '000000001250',
      transmissionAt: '1121135307',
      stan: '000001',
      localTime: '135307',
      localDate: '1121',
      mcc: '5999',
      entryMode: '012',
      conditionCode: '59',
      institution: '400123',
      forwarder: '400123',
      // 2025, day 325, first serial.
      rrn: '532500000001',
      terminal: 'TERM0001',
      merchantAccount: 'MERCHANT1      ',
      acceptor: 'EXAMPLE SHOP AMSTERDAM NL'.padEnd(40),
      currency: '978',
    });
  });

  it('carries one reference through capture, void and reversal, and gives a refund its own', async () => {
    const planner = createIso8583Planner({ blocks: counting() });
    const first = await planner.plan(request({ amount: 10_000n }));
    const follow = (kind: PlanRequest['kind'], over: Partial<PlanRequest> = {}) =>
      planner.plan(request({ kind, original: original(first), ...over }));

    const capture = await follow('capture', { amount: 4_000n });
    expect(capture).toMatchObject({
      mti: '0220',
      rrn: first['rrn'],
      approvalCode: 'A12345',
      amount: '000000004000',
      stan: '000002',
    });
    expect(capture).not.toHaveProperty('originalElements');

    const elements = '0100' + '000001' + '1121135307' + '00000400123' + '00000400123';
    expect(await follow('void')).toMatchObject({
      mti: '0400',
      rrn: first['rrn'],
      originalElements: elements,
      amount: '000000010000',
    });
    expect(await follow('partial_void', { amount: 6_000n, remaining: 4_000n })).toMatchObject({
      mti: '0400',
      amount: '000000010000',
      replacementAmounts: '000000004000' + '0'.repeat(30),
      originalElements: elements,
    });
    expect(await follow('reversal')).toMatchObject({
      mti: '0420',
      rrn: first['rrn'],
      originalElements: elements,
    });

    const refund = await follow('refund', { amount: 500n });
    expect(refund).toMatchObject({
      mti: '0200',
      processingCode: '200000',
      amount: '000000000500',
      originalElements: elements,
    });
    expect(refund['rrn']).not.toBe(first['rrn']);
  });

  it('adds to an authorization by its reference and approval code, and names all that is held when it releases', async () => {
    const planner = createIso8583Planner({ blocks: counting() });
    const first = await planner.plan(request({ amount: 10_000n, authorizationType: 'pre' }));
    expect(first).toMatchObject({ mti: '0100', authorizationType: 'P' });
    const authorization = original(first, { networkReference: 'MCC12345' });
    const increment = await planner.plan(
      request({ kind: 'increment', amount: 2_500n, original: authorization, authorizationType: 'pre' }),
    );
    expect(increment).toMatchObject({
      mti: '0100',
      amount: '000000002500',
      rrn: first['rrn'],
      terminal: first['terminal'],
      approvalCode: 'A12345',
      storedCredential: 'MXS',
      networkReference: 'MCC12345',
    });
    expect(increment['stan']).not.toBe(first['stan']);
    for (const name of ['originalElements', 'authorizationType']) expect(increment).not.toHaveProperty(name);

    const undo = await planner.plan(
      request({
        kind: 'reversal',
        amount: 2_500n,
        original: original(increment, { kind: 'increment', amount: 2_500n, approvalCode: null }),
      }),
    );
    expect(undo).toMatchObject({ mti: '0420', amount: '000000002500', rrn: first['rrn'] });
    expect(undo['originalElements']?.slice(0, 10)).toBe(`0100${increment['stan'] ?? ''}`);

    const grown = { original: authorization, authorized: 12_500n };
    expect(await planner.plan(request({ kind: 'void', amount: 12_500n, ...grown }))).toMatchObject({
      amount: '000000012500',
    });
    const rest = request({ kind: 'partial_void', amount: 1_500n, remaining: 11_000n, ...grown });
    expect(await planner.plan(rest)).toMatchObject({
      amount: '000000012500',
      replacementAmounts: '000000011000' + '0'.repeat(30),
    });
  });

  it('renews an authorization as the merchant, and names all that was held when it undoes the old one', async () => {
    const planner = createIso8583Planner({ blocks: counting() });
    const first = await planner.plan(request({ amount: 10_000n }));
    const old = original(first, { networkReference: 'MCC12345' });
    expect(
      await planner.plan(request({ kind: 'reversal', original: old, authorized: 12_500n })),
    ).toMatchObject({ mti: '0420', amount: '000000012500' });
    const renewed = await planner.plan(request({ renews: { networkReference: 'MCC12345' } }));
    expect(renewed).toMatchObject({
      mti: '0100',
      storedCredential: 'MAS',
      networkReference: 'MCC12345',
    });
    expect(renewed['rrn']).not.toBe(first['rrn']);
  });

  it('reverses an attempt whose approval code nobody knows', async () => {
    const planner = createIso8583Planner({ blocks: counting() });
    const first = await planner.plan(request({ kind: 'sale' }));
    const reversal = await planner.plan(
      request({ kind: 'reversal', original: original(first, { kind: 'sale', approvalCode: null }) }),
    );
    expect(reversal).not.toHaveProperty('approvalCode');
    expect(reversal['originalElements']?.slice(0, 4)).toBe('0200');
  });

  it('spreads new transactions over the terminals, and follows up from the terminal of the original', async () => {
    const planner = createIso8583Planner({ blocks: counting() });
    const many = withTerminals('T1', 'T2', 'T3');
    const wires = await Promise.all([1, 2, 3, 4, 5, 6].map(() => planner.plan(request({ account: many }))));
    expect(new Set(wires.map((wire) => wire['terminal']))).toEqual(
      new Set(['T1      ', 'T2      ', 'T3      ']),
    );
    const [first] = wires;
    const capture = await planner.plan(
      request({ account: many, kind: 'capture', original: original(first ?? {}) }),
    );
    expect(capture['terminal']).toBe(first?.['terminal']);
  });

  it.each<[string, Partial<PlanRequest>, RegExp]>([
    ['an amount above field 4', { amount: 1_000_000_000_000n }, /does not fit field 4/],
    ['a currency that is none', { currency: 'XXX' }, /not an active ISO 4217 currency/],
    [
      'a capture without an approval code',
      { kind: 'capture', original: original({}, { approvalCode: null }) },
      /needs the approval code/,
    ],
    [
      'an increment without an approval code',
      { kind: 'increment', original: original({}, { approvalCode: null }) },
      /needs the approval code/,
    ],
    ['a reversal of nothing', { kind: 'reversal' }, /needs the attempt it follows/],
    ['an account without terminals', { account: withTerminals() }, /no terminal/],
    [
      'a merchant account that is too long',
      { account: { ...account, merchantAccount: 'M'.repeat(16) } },
      /longer than the 15/,
    ],
  ])('refuses %s', async (_name, over, message) => {
    await expect(createIso8583Planner({ blocks: counting() }).plan(request(over))).rejects.toThrow(message);
  });
});

describe('number blocks', () => {
  function leases(start = 1n): BlockLeases & { readonly taken: string[] } {
    const next = new Map<string, bigint>();
    const taken: string[] = [];
    return {
      taken,
      async lease({ terminal }, size) {
        const first = next.get(terminal) ?? start;
        next.set(terminal, first + BigInt(size));
        taken.push(`${terminal}:${first}`);
        await Promise.resolve();
        return first;
      },
    };
  }

  it('never hands out a number twice, however many ask at once and from however many processes', async () => {
    const shared = leases();
    const processes = [createNumberBlocks(shared), createNumberBlocks(shared), createNumberBlocks(shared)];
    const stans = await Promise.all(
      Array.from({ length: 6_000 }, (_, index) => {
        const numbers = processes[index % 3];
        if (numbers === undefined) throw new Error('unreachable');
        return numbers.stan(series, 'TERM0001');
      }),
    );
    expect(new Set(stans).size).toBe(6_000);
    expect(stans.every((stan) => /^\d{6}$/.test(stan) && stan !== '000000')).toBe(true);
  });

  it('leases once for many and counts each terminal for itself', async () => {
    const shared = leases();
    const numbers = createNumberBlocks(shared);
    await Promise.all(Array.from({ length: 500 }, () => numbers.stan(series, 'A')));
    await numbers.stan(series, 'B');
    await numbers.referenceSerial(series);
    expect(shared.taken).toEqual(['A:1', 'B:1', '*:1']);
  });

  it('goes from 999999 to 000001', async () => {
    const numbers = createNumberBlocks(leases(999_998n));
    const stans = [
      await numbers.stan(series, 'A'),
      await numbers.stan(series, 'A'),
      await numbers.stan(series, 'A'),
    ];
    expect(stans).toEqual(['999999', '000001', '000002']);
  });

  it('leaves a block unused that has grown old', async () => {
    let now = 0;
    const numbers = createNumberBlocks(leases(), () => now);
    expect(await numbers.stan(series, 'A')).toBe('000002');
    now = 10 * 60_000 + 1;
    expect(await numbers.stan(series, 'A')).toBe('000502');
  });

  it('takes the next block after a lease that failed', async () => {
    const working = leases();
    let fails = true;
    const numbers = createNumberBlocks({
      lease: (series, size) =>
        fails ? Promise.reject(new Error('database is down')) : working.lease(series, size),
    });
    await expect(numbers.stan(series, 'A')).rejects.toThrow('database is down');
    fails = false;
    await expect(numbers.stan(series, 'A')).resolves.toBe('000002');
  });

  it('says what to insert when a series has no row', async () => {
    const empty = createBlockLeases({ query: () => Promise.resolve({ rows: [] }) } as never);
    await expect(empty.lease({ acquirer: 'a', institution: '1', terminal: 'T' }, 500)).rejects.toThrow(
      /number_blocks has no row for a/,
    );
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountSums } from './account-sums.ts';
import { PageScanner, type PageRows } from './scan-page.ts';
import { copied, fieldsOf, int2, int8, text, type Field } from './testing/copied.ts';

/** The promise: a page passes only when it is whole to the byte, and its accounts are summed exactly. */

interface Leg {
  readonly code: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly stripe: number;
}
interface Transaction {
  readonly merchant: string;
  readonly legs: readonly Leg[];
  readonly isSealed: boolean;
  readonly operation: string | null;
}

const LAST_XACT = 1_000n;
const SEALED = { upTo: { xact: String(LAST_XACT), merchant_id: 'z', id: 1n }, textSeals: 0n };

const pairs = fc.array(
  fc.record({
    currency: fc.constantFrom('EUR', 'JPY', 'USD'),
    amount: fc.oneof(fc.bigInt(1n, 10_000n), fc.bigInt(1n, 10n ** 18n)),
    from: fc.constantFrom('auth_hold:acquirer', 'fee_revenue', 'merchant_payable:pending'),
    to: fc.constantFrom('auth_hold:merchant', 'acquirer_receivable:acquirer-1'),
    stripe: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
);
const transactions: fc.Arbitrary<readonly Transaction[]> = fc
  .array(
    fc.record({
      merchant: fc.constantFrom('mer_1', 'mer_2', 'mer_long'),
      isSealed: fc.boolean(),
      operation: fc.option(fc.string()),
      legs: pairs.map((found) =>
        found.flatMap(({ currency, amount, from, to, stripe }) => [
          { code: from, currency, amount: -amount, stripe },
          { code: to, currency, amount, stripe },
        ]),
      ),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((found) => found.toSorted((one, other) => (one.merchant < other.merchant ? -1 : 1)));

interface Rows {
  readonly headers: Field[][];
  readonly postings: Field[][];
  readonly sealed: Field[][];
}

function rowsOf(page: readonly Transaction[]): Rows {
  const rows: Rows = { headers: [], postings: [], sealed: [] };
  const sequences = new Map<string, bigint>();
  page.forEach(({ merchant, legs, isSealed, operation }, index) => {
    const id = int8(BigInt(index + 1));
    const xact = int8(isSealed ? LAST_XACT - 1n : LAST_XACT + 1n);
    const header = [
      text(merchant),
      text('test'),
      id,
      text('pay_1'),
      operation === null ? null : text(operation),
    ];
    header.push(
      null,
      text('sold'),
      text(`key ${index}`),
      int8(7n),
      text('w'),
      text('r'),
      xact,
      text('c'),
      null,
    );
    const hashed = legs.map(({ code, currency, amount, stripe }, line) => {
      const account = [merchant, code, currency, stripe].join();
      const sequence = (sequences.get(account) ?? 0n) + 1n;
      sequences.set(account, sequence);
      const named = [text('test'), int2(line + 1), text(code), text(currency)];
      return [...named, int8(amount), int2(stripe), int8(sequence)];
    });
    rows.headers.push(header);
    rows.postings.push(...hashed.map((fields) => [text(merchant), id, ...fields]));
    const leaf = createHash('sha256')
      .update(Buffer.from([0]))
      .update(fieldsOf(header));
    leaf.update(Buffer.concat(hashed.map(fieldsOf)));
    if (isSealed) rows.sealed.push([text(merchant), id, int8(1n), leaf.digest()]);
  });
  return rows;
}

const pageOf = ({ headers, postings, sealed }: Rows): PageRows => ({
  headers: copied(headers),
  postings: copied(postings),
  sealed: copied(sealed),
});

const isWhole = (rows: Rows, sealed = SEALED): boolean =>
  new PageScanner(sealed, new AccountSums()).scan(pageOf(rows)).isWhole;

describe('a page of the ledger', () => {
  it('that is whole passes and is counted', () => {
    fc.assert(
      fc.property(transactions, (page) => {
        const rows = rowsOf(page);
        const sealed = BigInt(rows.sealed.length);
        const count = BigInt(page.length);
        expect(new PageScanner(SEALED, new AccountSums()).scan(pageOf(rows))).toEqual({
          isWhole: true,
          counts: {
            transactions: count,
            postings: BigInt(rows.postings.length),
            sealed,
            unsealed: count - sealed,
          },
        });
      }),
    );
  });

  it('with any byte of a sealed transaction changed does not pass', () => {
    fc.assert(
      fc.property(
        transactions,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (page, row, at, change) => {
          const rows = rowsOf(page.map((one) => ({ ...one, isSealed: true })));
          const all = [...rows.headers, ...rows.postings, ...rows.sealed];
          const one = all[row % all.length] ?? [];
          const places = one.flatMap((field, index) =>
            // The number of a seal is not looked at here: the chain counts what each seal lists.
            field === null || (one.length === 4 && index === 2)
              ? []
              : Array.from(field, (_, place) => ({ field, index, place })),
          );
          const { field, index, place } = places[at % places.length] ?? {};
          if (field === undefined || index === undefined || place === undefined)
            throw new Error('there is nothing to change');
          const changed = Buffer.from(field);
          changed[place] = (changed[place] ?? 0) ^ change;
          one[index] = changed;
          expect(isWhole(rows)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(['headers', 'postings', 'sealed'] as const)(
    'with one row of the %s missing does not pass',
    (list) => {
      fc.assert(
        fc.property(transactions, fc.nat(), (page, row) => {
          const rows = rowsOf(page.map((one) => ({ ...one, isSealed: true })));
          rows[list].splice(row % rows[list].length, 1);
          expect(isWhole(rows)).toBe(false);
        }),
      );
    },
  );

  it('with an unsealed transaction that is not balanced in each currency does not pass', () => {
    fc.assert(
      fc.property(transactions, fc.bigInt(1n, 10n ** 17n), (page, more) => {
        const [first, ...others] = page;
        if (first === undefined) return;
        const legs = first.legs.map((leg, index) =>
          index === 0 ? { ...leg, amount: leg.amount - more } : leg,
        );
        expect(isWhole(rowsOf([{ ...first, isSealed: false, legs }, ...others]))).toBe(false);
      }),
    );
  });

  it('with a seal of format 1, or a transaction that is old and in no seal, is left to SQL', () => {
    const legs = [
      { code: 'a', currency: 'EUR', amount: 5n, stripe: 0 },
      { code: 'b', currency: 'EUR', amount: -5n, stripe: 0 },
    ];
    const rows = rowsOf([{ merchant: 'mer_1', legs, isSealed: true, operation: null }]);
    expect(isWhole(rows)).toBe(true);
    expect(isWhole(rows, { ...SEALED, textSeals: 1n })).toBe(false);
    expect(isWhole({ ...rows, sealed: [] })).toBe(false);
  });
});

describe('the sums of accounts', () => {
  it('are those of exact arithmetic, whatever else is wrong with the page', () => {
    fc.assert(
      fc.property(transactions, fc.boolean(), (page, isTorn) => {
        const rows = rowsOf(page);
        const sums = new AccountSums();
        new PageScanner(SEALED, sums).scan(pageOf(isTorn ? { ...rows, headers: [] } : rows));
        sums.finish();
        const expected = new Map<string, { posted: bigint; postings: number }>();
        for (const { merchant, legs } of page)
          for (const { code, currency, stripe, amount } of legs) {
            const name = [merchant, 'test', code, currency, stripe].join();
            const { posted, postings } = expected.get(name) ?? { posted: 0n, postings: 0 };
            expected.set(name, { posted: posted + amount, postings: postings + 1 });
          }
        const found = sums
          .take()
          .map(({ merchant_id, mode, code, currency, stripe, posted, postings, ...ends }) => {
            expect(ends).toEqual({ lowest: 1, highest: postings });
            return [[merchant_id, mode, code, currency, stripe].join(), { posted, postings }] as const;
          });
        expect(sums.isExact).toBe(true);
        expect(new Map(found)).toEqual(expected);
        expect(found.length).toBe(expected.size);
      }),
    );
  });

  it('are given up where a posting has no amount, or a number beyond exact arithmetic', () => {
    const posting = (amount: Field, sequence: bigint): Field[] => [
      ...[text('mer_1'), int8(1n), text('test'), int2(1), text('a'), text('EUR')],
      ...[amount, int2(0), int8(sequence)],
    ];
    for (const [row, isExact] of [
      [posting(int8(5n), 1n), true],
      [posting(null, 1n), false],
      [posting(int8(5n), 2n ** 60n), false],
    ] as const) {
      const sums = new AccountSums();
      new PageScanner(SEALED, sums).scan(pageOf({ headers: [], sealed: [], postings: [row] }));
      expect(sums.isExact).toBe(isExact);
    }
  });
});

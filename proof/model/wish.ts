import fc from 'fast-check';

/** How much is asked for, beside what there is at that moment. */
export type Wish =
  | { readonly of: 'part'; readonly permille: number }
  | { readonly of: 'all' }
  | { readonly of: 'unsaid' }
  | { readonly of: 'beyond'; readonly more: number }
  | { readonly of: 'nothing' };

export const wish: fc.Arbitrary<Wish> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ of: fc.constant('part' as const), permille: fc.integer({ min: 1, max: 999 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ of: 'all' as const }) },
  { weight: 2, arbitrary: fc.constant({ of: 'unsaid' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ of: fc.constant('beyond' as const), more: fc.integer({ min: 1, max: 1_000 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ of: 'nothing' as const }) },
);

/** The amount that a wish stands for; undefined = it is not said. */
export function amountOf(wished: Wish, available: number): number | undefined {
  switch (wished.of) {
    case 'part':
      return Math.max(1, Math.floor((available * wished.permille) / 1_000));
    case 'all':
      return Math.max(1, available);
    case 'unsaid':
      return undefined;
    case 'beyond':
      return available + wished.more;
    case 'nothing':
      return 0;
  }
}

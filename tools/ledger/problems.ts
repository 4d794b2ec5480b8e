/** What verification can find, the gravest and plainest first: in this order it is reported. */
export const PROBLEM_KINDS = [
  'published_head',
  'seal_chain',
  'seal_root',
  'sealed_list',
  'transaction_gone',
  'transaction_changed',
  'transaction_put_in',
  'transaction_torn',
  'transaction_unbalanced',
  'sequence',
  'balance',
  'payment',
  'funds',
  'adjustment',
  // Of the vault's audit log (tools/audit).
  'audit_row_gone',
  'audit_row_changed',
  'audit_row_put_in',
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

export interface Problem {
  readonly kind: ProblemKind;
  /** One sentence with the ids of what is broken. */
  readonly text: string;
}

/** Of each kind so many are kept; the rest are only counted, so that memory stays flat. */
const KEPT_OF_KIND = 20;

/** Collects what is broken. */
export class Problems {
  readonly #kept = new Map<ProblemKind, string[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(kind: ProblemKind, text: string): void {
    this.#count += 1;
    const kept = this.#kept.get(kind) ?? [];
    if (kept.length < KEPT_OF_KIND) kept.push(text);
    this.#kept.set(kind, kept);
  }

  /** One more that is not told. */
  more(): void {
    this.#count += 1;
  }

  /** What another one collected: its list, and the count of all. */
  include(found: readonly Problem[], count: number): void {
    for (const { kind, text } of found) this.add(kind, text);
    this.#count += count - found.length;
  }

  list(): readonly Problem[] {
    return PROBLEM_KINDS.flatMap((kind) => (this.#kept.get(kind) ?? []).map((text) => ({ kind, text })));
  }
}

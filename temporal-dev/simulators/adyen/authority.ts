import type { Treatment } from '../http/faults.ts';
import type { Decision as HttpDecision } from '../http/wire-server.ts';
import { createBook, type Book } from './book.ts';
import { decide, paymentEffect, type Effect } from './decide.ts';
import type { AdyenEntry } from './journal-entry.ts';
import { renderProblem } from './render.ts';
import type { ApiRequest } from './request.ts';
import { settle, withdraw } from './settle.ts';

type Decision = HttpDecision<AdyenEntry>;

/** Adyen behind the wire: decides each request once, and repeats its answer while the key lives. */
export interface Authority {
  handle(request: ApiRequest, at: Date, treatment: Treatment): Decision;
  /** Settles what was received, as it can be, or as failed. Null when there is none of that name. */
  settle(pspReference: string, at: Date, fails?: boolean): AdyenEntry | null;
  /** Ends a payment that is open. Null when there is none of that name. */
  finish(pspReference: string, authorised: boolean, at: Date): AdyenEntry | null;
  /** Takes back the success of a capture or refund. Null when it has none. */
  withdraw(pspReference: string, at: Date): AdyenEntry | null;
  readonly entries: () => readonly AdyenEntry[];
  readonly book: Book;
}

/** Rebuilds the state from the journal's lines and goes on from there. */
export function createAuthority(recovered: readonly AdyenEntry[], keyLifetimeMs: number): Authority {
  const book = createBook(keyLifetimeMs);
  const entries: AdyenEntry[] = [];

  function apply(entry: AdyenEntry): AdyenEntry {
    entries.push(entry);
    book.apply(entry);
    return entry;
  }
  for (const entry of recovered) apply(entry);

  const happened = (effect: Effect, account: string, at: Date): AdyenEntry =>
    apply({ ...NOBODY_ASKED, ...lineOf(effect, entries.length + 1, account, at) });

  return {
    handle(request, at, treatment) {
      const { merchantAccount, key, bodyHash } = request;
      const recalled = book.keys.recall(merchantAccount, key, bodyHash, at);
      if (recalled.type === 'replay') {
        const { status, reply } = recalled.stored;
        return { entry: null, status, reply, replayed: true };
      }
      if (recalled.type === 'mismatch') {
        const reply = renderProblem(422, '704', 'request already processed or in progress');
        return { entry: null, status: 422, reply, replayed: false };
      }
      const verdict = decide(book, request, entries.length + 1, treatment);
      if (verdict.effect === null)
        return { entry: null, status: verdict.status, reply: verdict.reply, replayed: false };
      const failure = treatment.fails === null ? null : renderProblem(500, '000', 'something went wrong');
      const effect = treatment.fails === 'not_executed' ? FAILED : verdict.effect;
      const status = failure === null ? verdict.status : 500;
      const reply = failure ?? verdict.reply;
      const line = lineOf(effect, entries.length + 1, merchantAccount, at);
      const entry = apply({ ...line, key, bodyHash, status, reply: { ...reply } });
      return { entry, status, reply, replayed: false };
    },
    settle(pspReference, at, fails = false) {
      const found = book.modification(pspReference);
      if (found?.status !== 'received') return null;
      const effect = settle(book, { ...found, forcedToFail: found.forcedToFail || fails });
      return happened(effect, found.account, at);
    },
    finish(pspReference, authorised, at) {
      const found = book.payments().find((one) => one.pspReference === pspReference);
      if (found?.status !== 'open') return null;
      const taken = authorised && found.capture === 'automatic';
      const after = {
        ...found,
        status: authorised ? ('authorised' as const) : ('refused' as const),
        captured: taken ? found.amount : 0,
      };
      return happened(paymentEffect(after), found.account, at);
    },
    withdraw(pspReference, at) {
      const found = book.modification(pspReference);
      const effect = found === null ? null : withdraw(book, found);
      return found === null || effect === null ? null : happened(effect, found.account, at);
    },
    entries: () => entries,
    book,
  };
}

const FAILED: Effect = { kind: 'failed', amount: 0, payment: null, modification: null };
const NOBODY_ASKED = { key: null, bodyHash: null, status: null, reply: null } as const;

function lineOf(
  { kind, amount, payment, modification }: Effect,
  sequence: number,
  account: string,
  at: Date,
): Omit<AdyenEntry, keyof typeof NOBODY_ASKED> {
  return {
    sequence,
    at: at.toISOString(),
    kind,
    merchantAccount: account,
    payment: payment?.pspReference ?? null,
    amount,
    currency: payment?.currency ?? null,
    attempt: modification?.reference ?? payment?.reference ?? null,
    paymentAfter: payment,
    modificationAfter: modification,
  };
}

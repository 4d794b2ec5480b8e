import type { Treatment } from '../http/faults.ts';
import type { Decision as HttpDecision } from '../http/wire-server.ts';
import { createBook, type Book } from './book.ts';
import { decide, type Effect } from './decide.ts';
import type { StripeEntry } from './journal-entry.ts';
import { renderIntent, renderProblem, renderRefund } from './render.ts';
import type { ApiRequest } from './request.ts';

type Decision = HttpDecision<StripeEntry>;

/** Stripe behind the wire: decides each request once, and repeats its answer while the key lives. */
export interface Authority {
  handle(request: ApiRequest, at: Date, treatment: Treatment): Decision;
  /** Settles a refund that is pending, or takes its success back. Null when there is none such. */
  settleRefund(id: string, status: 'succeeded' | 'failed', at: Date): StripeEntry | null;
  readonly entries: () => readonly StripeEntry[];
  readonly book: Book;
}

/** Rebuilds the state from the journal's lines and goes on from there. */
export function createAuthority(recovered: readonly StripeEntry[], keyLifetimeMs: number): Authority {
  const book = createBook(keyLifetimeMs);
  const entries: StripeEntry[] = [];

  function apply(entry: StripeEntry): StripeEntry {
    entries.push(entry);
    book.apply(entry);
    return entry;
  }
  for (const entry of recovered) apply(entry);

  function handle(request: ApiRequest, at: Date, treatment: Treatment): Decision {
    if (request.kind === 'read') return answerRead(book, request);
    const { merchantAccount, key, bodyHash } = request;
    const recalled = book.keys.recall(merchantAccount, key, bodyHash, at);
    if (recalled.type === 'replay') {
      const { status, reply } = recalled.stored;
      return { entry: null, status, reply, replayed: true };
    }
    if (recalled.type === 'mismatch') {
      const problem = {
        type: 'idempotency_error',
        code: 'idempotency_error',
        message: 'Keys can only be used with the same parameters they were first used with.',
      };
      return { entry: null, status: 400, reply: renderProblem(problem, null), replayed: false };
    }
    const verdict = decide(book, request, entries.length + 1, treatment);
    if (verdict.effect === null)
      return { entry: null, status: verdict.status, reply: verdict.reply, replayed: false };
    const failure =
      treatment.fails === null
        ? null
        : renderProblem({ type: 'api_error', code: 'api_error', message: 'something went wrong' }, null);
    const effect = treatment.fails === 'not_executed' ? FAILED : verdict.effect;
    const status = failure === null ? verdict.status : 500;
    const reply = failure ?? verdict.reply;
    const entry = apply(entryOf(entries.length + 1, request, at, effect, { status, reply }));
    return { entry, status, reply, replayed: false };
  }

  return {
    handle,
    settleRefund(id, status, at) {
      const refund = book.anyRefund(id);
      // A success may be taken back; what failed stays so.
      const may = refund?.status === 'pending' || (refund?.status === 'succeeded' && status === 'failed');
      if (refund === null || !may) return null;
      const intent = book.intent(refund.account, refund.intent);
      const failed = status === 'failed';
      return apply({
        ...NOBODY_ASKED,
        sequence: entries.length + 1,
        at: at.toISOString(),
        kind: failed ? 'refund_failed' : 'refunded',
        merchantAccount: refund.account,
        intent: refund.intent,
        refund: id,
        amount: refund.amount,
        currency: refund.currency,
        attempt: refund.metadata['attempt'] ?? null,
        intentAfter:
          failed && intent !== null
            ? { ...intent, amountRefunded: intent.amountRefunded - refund.amount }
            : intent,
        refundAfter: { ...refund, status },
      });
    },
    entries: () => entries,
    book,
  };
}

const FAILED: Effect = { kind: 'failed', amount: 0, currency: null, intent: null, refund: null };
const NOBODY_ASKED = { key: null, bodyHash: null, status: null, reply: null } as const;

function entryOf(
  sequence: number,
  request: ApiRequest,
  at: Date,
  { kind, amount, currency, intent, refund }: Effect,
  { status, reply }: Pick<Decision, 'status' | 'reply'>,
): StripeEntry {
  return {
    sequence,
    at: at.toISOString(),
    kind,
    merchantAccount: request.merchantAccount,
    intent: intent?.id ?? request.intent,
    refund: refund?.id ?? null,
    amount,
    currency,
    attempt: refund?.metadata['attempt'] ?? intent?.metadata['attempt'] ?? null,
    key: request.key,
    bodyHash: request.bodyHash,
    status,
    reply: { ...reply },
    intentAfter: intent,
    refundAfter: refund,
  };
}

function answerRead(book: Book, { path, intent, refund, merchantAccount, params }: ApiRequest): Decision {
  const found = (reply: Record<string, unknown> | null): Decision => ({
    entry: null,
    replayed: false,
    status: reply === null ? 404 : 200,
    reply:
      reply ??
      renderProblem(
        { type: 'invalid_request_error', code: 'resource_missing', message: 'no such object' },
        null,
      ),
  });
  if (refund !== null) {
    const one = book.refund(merchantAccount, refund);
    return found(one === null ? null : renderRefund(one));
  }
  if (path === '/v1/refunds') {
    const data = intent === null ? [] : book.refundsOf(merchantAccount, intent).map(renderRefund);
    return found({ object: 'list', url: path, has_more: false, data });
  }
  const one = intent === null ? null : book.intent(merchantAccount, intent);
  const expanded = params.getAll('expand[0]').includes('latest_charge');
  return found(one === null ? null : renderIntent(one, expanded));
}

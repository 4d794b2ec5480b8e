/** One lie in one record, and the promises that must be named because of it: these, and no others. */
export interface Falsification {
  readonly what: string;
  /** Of main, past all triggers. */
  readonly sql?: string;
  readonly vaultSql?: string;
  /** A line of a journal or log changed; null takes it out. Only the first line that is changed is. */
  readonly edit?: {
    readonly file: 'acquirer-1' | 'acquirer-3' | 'acquirer-4' | 'client' | 'receiver';
    readonly of: RegExp;
    readonly to: (line: string) => string | null;
  };
  readonly breaks: readonly string[];
  /** What the violation says. */
  readonly says: RegExp;
}

const one = (story: string): string => `(select id from payments where ${story} order by id limit 1)`;
const SOLD = one(
  `status = 'captured' and capture_method = 'automatic' and authorization_attempt_id in (select id from attempts where acquirer_id = 'acquirer-1')`,
);
const REFUNDED = one(`status = 'partially_refunded'`);
const VOIDED = one(`status = 'voided'`);
const DECLINED = one(`status = 'declined'`);

export const FALSIFICATIONS: readonly Falsification[] = [
  {
    what: 'a posting is one cent more',
    sql: `update ledger_postings set amount = amount + 1 where (merchant_id, transaction_id) in (select merchant_id, id from ledger_transactions where event = 'released' order by id limit 1) and line = 1`,
    breaks: ['sums-are-zero', 'books-recompute'],
    says: /transaction_unbalanced/,
  },
  {
    what: 'a balance is one cent more',
    sql: `update ledger_balances set balance = balance + 1 where code = 'merchant_payable:pending' and merchant_id = 'mer_' || repeat('0', 26)`,
    breaks: ['books-recompute'],
    says: /balance/,
  },
  {
    what: 'the acquirer sold something that we know nothing of',
    edit: {
      file: 'acquirer-1',
      of: /"kind" : "declined"/,
      to: (line) =>
        line
          .replace('"declined"', '"sale"')
          .replace(/"stan" : "\d+"/, '"stan" : "999999"')
          .replace(/("key" : "0210)\|\d+/, '$1|999999'),
    },
    breaks: ['effects-have-attempts'],
    says: /that no attempt of ours is of/,
  },
  {
    what: 'the acquirer lost a void and still holds the money',
    edit: { file: 'acquirer-1', of: /"kind" : "voided"/, to: () => null },
    breaks: ['answers-are-true', 'holds-are-limited'],
    says: /acquirers hold \d+ of it, and by our record 0 is held/,
  },
  {
    what: 'a refund that we call done is not in the journal',
    edit: { file: 'acquirer-1', of: /"kind" : "refunded"/, to: () => null },
    breaks: ['effects-have-attempts', 'clearing-agrees'],
    says: /its journal has nothing of it/,
  },
  {
    what: 'a sale that we call declined was executed',
    edit: {
      file: 'acquirer-1',
      of: /"kind" : "declined"/,
      to: (line) => line.replace('"declined"', '"sale"').replace('"amount" : 0', '"amount" : 100'),
    },
    breaks: ['effects-have-attempts', 'clearing-agrees', 'answers-are-true'],
    says: /our attempt \S+ of it is answered/,
  },
  {
    what: 'Stripe took another amount',
    edit: {
      file: 'acquirer-3',
      of: /"kind" : "sale"/,
      to: (line) =>
        line.replace(/"amount" : (\d+)/, (_, amount: string) => `"amount" : ${Number(amount) + 1}`),
    },
    breaks: ['effects-have-attempts', 'clearing-agrees'],
    says: /by our attempt \S+ it is \d+ EUR/,
  },
  {
    what: 'Stripe took it twice',
    edit: {
      file: 'acquirer-3',
      of: /"kind" : "sale"/,
      to: (line) => `${line}\n${line.replace('"pi_', '"pi_again')}`,
    },
    breaks: ['effects-have-attempts', 'one-authorization', 'clearing-agrees'],
    says: /was still live/,
  },
  {
    what: 'Adyen never took what we call taken',
    edit: { file: 'acquirer-4', of: /"kind" : "sale"/, to: () => null },
    breaks: ['effects-have-attempts', 'clearing-agrees'],
    says: /acquirer-4 did a sale of \d+ EUR, and its journal has nothing of it/,
  },
  {
    what: 'Adyen gave back what we call taken',
    edit: {
      file: 'acquirer-4',
      of: /"kind" : "sale"/,
      to: (line) =>
        `${line}\n${line.replace('"sale"', '"reversed"').replace('"attempt" : "', '"attempt" : "nobodys_')}`,
    },
    breaks: ['effects-have-attempts', 'clearing-agrees'],
    says: /acquirer-4 did a sale of \d+ EUR, and its journal undid it/,
  },
  {
    what: 'the same attempt took twice under one reference',
    edit: { file: 'acquirer-1', of: /"kind" : "captured"/, to: (line) => `${line}\n${line}` },
    breaks: ['effects-have-attempts', 'amounts-within', 'clearing-agrees', 'holds-are-limited'],
    says: /asked for 2 times/,
  },
  {
    what: 'an attempt of a payment is live beside another',
    sql: `drop index attempts_one_live_authorization; update attempts set id = id where false;
      insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, state, on_unknown, amount, currency, wire, planned_at, send_by)
      select merchant_id, id || '_2', payment_id, operation_id, 2, kind, acquirer_id, account_id, 'planned', on_unknown, amount, currency, wire || '{"stan": "none"}', planned_at, send_by
      from attempts where payment_id = ${SOLD}`,
    breaks: ['one-authorization'],
    says: /2 attempts are live by our record/,
  },
  {
    what: 'more was refunded than was taken, in the books and in the journal',
    edit: {
      file: 'acquirer-1',
      of: /"kind" : "refunded"/,
      to: (line) => line.replace('"amount" : 500', '"amount" : 5000000'),
    },
    breaks: ['effects-have-attempts', 'amounts-within', 'clearing-agrees'],
    says: /refunded 5000000 EUR/,
  },
  {
    what: 'more is held in the books than was ever promised',
    sql: `update ledger_postings set amount = 10 * amount where (merchant_id, transaction_id) in (select merchant_id, id from ledger_transactions where event = 'released' order by id limit 1)`,
    breaks: ['books-recompute', 'amounts-within'],
    says: /by the ledger alone/,
  },
  {
    what: 'a clearing account is less than what the acquirer owes',
    sql: `update ledger_balances set balance = balance - 7 where code = 'acquirer_receivable:acquirer-1' and merchant_id = 'mer_' || repeat('0', 26)`,
    breaks: ['books-recompute', 'clearing-agrees'],
    says: /owes mer_0+ \d+ EUR by its journal/,
  },
  {
    what: 'a client was told of a capture that is not there',
    edit: { file: 'client', of: /declined/, to: (line) => line.replace(/\\"declined\\"/, '\\"captured\\"') },
    breaks: ['answers-are-true', 'one-operation-per-key'],
    says: /answered captured at version 2/,
  },
  {
    what: 'a client was told that a refund failed, and the acquirer gave the money back',
    edit: { file: 'client', of: /\\"refund\\"/, to: (line) => line.replace('succeeded', 'failed') },
    breaks: ['answers-are-true', 'one-operation-per-key'],
    says: /and acquirer-1 did a refund of 500/,
  },
  {
    what: 'an accepted request is not known',
    edit: { file: 'client', of: /key-1-/, to: (line) => line.replace(/key-1-\d+/, 'key-1-nobody') },
    breaks: ['answers-are-true'],
    says: /no such request is known/,
  },
  {
    what: 'a request is pending for ever',
    sql: `update commands set state = 'pending', answer_status = null, answer_body = null, done_at = null where payment_id = ${SOLD}`,
    edit: { file: 'client', of: /NONE/, to: () => null },
    breaks: ['one-operation-per-key'],
    says: /other bytes than are kept for it \(none\)/,
  },
  {
    what: 'two keys name one command',
    sql: `update idempotency_keys set command_id = 'cmd_1' || substr(payment_id, 5) where payment_id = ${REFUNDED} and command_id like 'cmd_2%'`,
    breaks: ['one-operation-per-key'],
    says: /2 keys name command/,
  },
  {
    what: 'a stored answer was rewritten',
    sql: `update commands set answer_body = answer_body || ' ' where payment_id = ${SOLD}`,
    breaks: ['one-operation-per-key'],
    says: /was answered 201 with other bytes/,
  },
  {
    what: 'a final answer was taken back',
    edit: {
      file: 'client',
      of: /key-1-1"/,
      to: (line) =>
        `${line}\n${line
          .replace(/"asked_at" : "\d+/, '"asked_at" : "2999')
          .replace(/"ended_at" : "\d+/, '"ended_at" : "2000')
          .replace(/"status" : 201/, '"status" : 202')}`,
    },
    breaks: ['one-operation-per-key'],
    says: /was answered 201, and then 202 again/,
  },
  {
    what: 'a status is not its function',
    sql: `alter table payments drop constraint status_is_its_function; update payments set status = 'captured' where id = ${VOIDED}`,
    breaks: ['rows-are-legal'],
    says: /its status is captured and should be voided/,
  },
  {
    what: 'an amount is not the fold of its rows',
    sql: `update operations set amount = amount + 1 where kind = 'refund' and payment_id = ${REFUNDED}`,
    breaks: ['rows-are-legal'],
    says: /by its operations \d+, 501/,
  },
  {
    what: 'a line of history is missing',
    sql: `delete from payment_history where payment_id = ${VOIDED} and version = 3`,
    breaks: ['rows-are-legal'],
    says: /its history has 3 lines up to version 4/,
  },
  {
    what: 'a payment came back from the dead',
    sql: `update payment_history set status = 'declined' where payment_id = ${VOIDED} and version = 3`,
    breaks: ['rows-are-legal', 'changes-are-told'],
    says: /it went from declined to voided at version 4/,
  },
  {
    what: 'a change was told to nobody',
    sql: `delete from deliveries where event_id in (select id from events where payment_id = ${DECLINED}); delete from events where payment_id = ${DECLINED}`,
    breaks: ['changes-are-told'],
    says: /it became declined at version 2 .* and there is no event of it/,
  },
  {
    what: 'an event has no delivery to an endpoint',
    sql: `delete from deliveries where (merchant_id, id) in (select merchant_id, id from deliveries order by id limit 1)`,
    breaks: ['changes-are-told'],
    says: /has no delivery to whe_|is no delivery of ours/,
  },
  {
    what: 'a delivery is tried for ever',
    sql: `update deliveries set state = 'retrying', concluded_at = null, created_at = created_at - interval '6 days' where (merchant_id, id) in (select merchant_id, id from deliveries order by id limit 1)`,
    breaks: ['changes-are-told'],
    says: /nobody tries it that long/,
  },
  {
    what: 'a delivery is called delivered and nobody answered',
    sql: `update delivery_attempts set response_status = 500 where (merchant_id, delivery_id) in (select merchant_id, id from deliveries order by id limit 1)`,
    breaks: ['changes-are-told'],
    says: /no attempt of it was answered 2xx/,
  },
  {
    what: 'a delivery is called delivered and never came',
    edit: { file: 'receiver', of: /webhook_id/, to: () => null },
    breaks: ['changes-are-told'],
    says: /never arrived/,
  },
  {
    what: 'a hold stands beyond its limit',
    sql: `update payments set authorization_state = 'held', status = 'authorized', capture_before = now() - interval '10 days' where id = ${VOIDED}`,
    breaks: ['books-recompute', 'rows-are-legal', 'holds-are-limited'],
    says: /and nobody is letting it go/,
  },
  {
    what: 'a client was told of a void, and the hold ran out by itself: that nobody holds it any more is no lie',
    sql: `update payment_history set status = 'expired', event = 'hold_lapsed' where payment_id = ${VOIDED} and version = 4;
      update payments set authorization_state = 'expired', status = 'expired', capture_before = now() - interval '3 days' where id = ${VOIDED}`,
    edit: { file: 'acquirer-1', of: /"kind" : "voided"/, to: () => null },
    breaks: ['answers-are-true'],
    says: /voided/,
  },
  {
    what: 'a hold was given up before it had run out',
    sql: `update payment_history set event = 'hold_lapsed' where payment_id = ${VOIDED} and version = 4; update payments set capture_before = now() where id = ${VOIDED}`,
    breaks: ['holds-are-limited'],
    says: /its hold was given up at .*, and had not run out before/,
  },
  {
    what: 'a card was given out without a row of it',
    vaultSql: `delete from vault.audit_log where attempt = (select min(attempt) from vault.audit_log)`,
    breaks: ['money-is-audited'],
    says: /the vault has no row of its card being given out/,
  },
  {
    what: 'the audit log says that somebody else was given the card',
    vaultSql: `update vault.audit_log set caller = 'nobody' where id = (select min(id) from vault.audit_log)`,
    breaks: ['money-is-audited'],
    says: /audit_row_changed: row \d+ of the audit log is not what seal 1 is over/,
  },
  {
    what: 'a security code outlived its time',
    vaultSql: `insert into vault.security_codes (staging, merchant, data_key, sealed_key, sealed, stored_at, expires_at) values ('stg_x', 'm', 'k', 'x', 'x', now() - interval '50 minutes', now() - interval '20 minutes')`,
    breaks: ['card-data-is-gone'],
    says: /the security code of stg_x was to be gone/,
  },
  {
    what: 'a read showed less than had been answered',
    edit: {
      file: 'client',
      of: /"kind" : "read".*\\"version\\" : 2/,
      to: (line) => line.replace('\\"version\\" : 2', '\\"version\\" : 1'),
    },
    breaks: ['reads-follow-answers'],
    says: /at version 1, after version 2 had been answered/,
  },
];

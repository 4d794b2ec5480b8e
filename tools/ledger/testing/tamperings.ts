import type { ProblemKind } from '../problems.ts';

/** Transactions of one seal in the ledger that is tampered with. */
export const BATCH = 20;
const MERCHANT = 'mer_00000000000000000000000000';

/** A sealed transaction, and one that is not sealed yet, of the first merchant where there is a choice. */
const SEALED = `(select transaction_id from ledger_sealed where merchant_id = '${MERCHANT}' order by seal_number, position limit 1)`;
const FRESH = `(select max(t.id) from ledger_transactions t where not exists (select from ledger_sealed s where s.merchant_id = t.merchant_id and s.transaction_id = t.id))`;
export const OF_SEALED = `where merchant_id = '${MERCHANT}' and transaction_id = ${SEALED}`;
export const HEADER_OF_SEALED = `where merchant_id = '${MERCHANT}' and id = ${SEALED}`;

interface Tampering {
  readonly what: string;
  readonly sql: string;
  readonly kind: ProblemKind;
  /** What the first problem says, with the ids as they are asked for by SQL between {}. */
  readonly says: string;
}

const POST_BEHIND = `
  insert into ledger_transactions (merchant_id, mode, id, payment_id, event, business_key, at, workflow_id, workflow_run_id, xact)
  overriding system value select merchant_id, mode, 900001, payment_id, event, 'forged', at, workflow_id, workflow_run_id, xact
  from ledger_transactions ${HEADER_OF_SEALED};
  insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
  select merchant_id, mode, 900001, line, code, currency, amount, 900000 + line from ledger_postings ${OF_SEALED}`;

/** On a generated ledger of 30 payments (generate.ts) of which all but the newest transactions are sealed. */
export const TAMPERINGS: readonly Tampering[] = [
  {
    what: 'amounts changed so that everything still adds up',
    sql: `update ledger_postings set amount = amount + sign(amount) ${OF_SEALED};
      update ledger_balances b set balance = p.posted from (select merchant_id, mode, code, currency, stripe, sum(amount) as posted from ledger_postings group by 1, 2, 3, 4, 5) p
      where (b.merchant_id, b.mode, b.code, b.currency, b.stripe) = (p.merchant_id, p.mode, p.code, p.currency, p.stripe)`,
    kind: 'transaction_changed',
    says: `ledger transaction {select ${SEALED}} of ${MERCHANT} ({select business_key from ledger_transactions ${HEADER_OF_SEALED}}) was changed after it went into seal 1`,
  },
  {
    what: 'one amount changed',
    sql: `update ledger_postings set amount = amount + 1 ${OF_SEALED} and line = 1`,
    kind: 'transaction_changed',
    says: 'was changed after it went into seal 1; it does not net to zero: 1 ',
  },
  {
    what: 'a transaction deleted whole',
    sql: `create temporary table victim on commit drop as select ${SEALED} as id;
      delete from ledger_postings where merchant_id = '${MERCHANT}' and transaction_id = (select id from victim);
      delete from ledger_transactions where merchant_id = '${MERCHANT}' and id = (select id from victim)`,
    kind: 'transaction_gone',
    says: `ledger transaction {select ${SEALED}} of ${MERCHANT} is in seal 1 and is gone`,
  },
  {
    what: 'a header deleted',
    sql: `delete from ledger_transactions ${HEADER_OF_SEALED}`,
    kind: 'transaction_gone',
    says: `ledger transaction {select ${SEALED}} of ${MERCHANT} is in seal 1 and is gone`,
  },
  {
    what: 'a posting deleted',
    sql: `delete from ledger_postings ${OF_SEALED} and line = 2`,
    kind: 'transaction_changed',
    says: `ledger transaction {select ${SEALED}} of ${MERCHANT}`,
  },
  {
    what: 'a transaction put in among sealed ones',
    sql: POST_BEHIND,
    kind: 'transaction_put_in',
    says: `ledger transaction 900001 of ${MERCHANT} (forged) was put in among sealed transactions: it is in no seal`,
  },
  {
    what: 'a transaction that is not sealed yet brought out of balance',
    sql: `update ledger_postings set amount = amount + 7 where transaction_id = ${FRESH} and line = 1`,
    kind: 'transaction_unbalanced',
    says: `is not balanced; it does not net to zero: 7 `,
  },
  {
    what: 'a transaction that is balanced only across currencies',
    sql: `insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
      select merchant_id, mode, id, c.line, 'merchant_payable:pending', c.currency, c.amount, 900000 from ledger_transactions, (values (90, 'CHF', 5), (91, 'GBP', -5)) as c (line, currency, amount)
      where id = ${FRESH}`,
    kind: 'transaction_unbalanced',
    says: `it does not net to zero: -5 GBP and 5 CHF left over`,
  },
  {
    what: 'the postings of a transaction that is not sealed yet deleted',
    sql: `delete from ledger_postings where transaction_id = ${FRESH}`,
    kind: 'transaction_torn',
    says: `ledger transaction {select ${FRESH}} of`,
  },
  {
    what: 'postings without a header put in',
    sql: `insert into ledger_postings (merchant_id, mode, transaction_id, line, code, currency, amount, account_sequence)
      select '${MERCHANT}', 'test', 900002, line, 'merchant_payable:pending', 'EUR', amount, 900000 + line from (values (1, 5), (2, -5)) as l (line, amount)`,
    kind: 'transaction_torn',
    says: `ledger transaction 900002 of ${MERCHANT} has postings and no header`,
  },
  {
    what: 'a balance changed',
    sql: `update ledger_balances set balance = balance + 3 where merchant_id = '${MERCHANT}' and code = 'merchant_payable:pending' and currency = 'EUR'`,
    kind: 'balance',
    says: `account merchant_payable:pending EUR of ${MERCHANT} (test) has a balance of {select balance + 3 from ledger_balances where merchant_id = '${MERCHANT}' and code = 'merchant_payable:pending' and currency = 'EUR'}, and its postings sum up to`,
  },
  {
    what: 'a balance deleted',
    sql: `delete from ledger_balances where merchant_id = '${MERCHANT}' and code = 'refunds_in_flight' and currency = 'EUR'`,
    kind: 'balance',
    says: `account refunds_in_flight EUR of ${MERCHANT} (test) has {select count(*) from ledger_postings where merchant_id = '${MERCHANT}' and code = 'refunds_in_flight' and currency = 'EUR'} postings and no balance`,
  },
  {
    what: 'a sequence with a gap',
    sql: `update ledger_balances set last_sequence = last_sequence + 1 where merchant_id = '${MERCHANT}' and code = 'auth_hold:merchant' and currency = 'EUR';
      update ledger_postings set account_sequence = account_sequence + 1 where transaction_id = ${FRESH} and code = 'auth_hold:merchant'`,
    kind: 'sequence',
    says: `account auth_hold:merchant EUR of ${MERCHANT} (test) has handed out numbers up to`,
  },
  {
    what: 'an amount of a payment changed',
    sql: `update payments set amount_captured = amount_captured - 1, version = version + 1 where id = 'pay_00000000000000000000000001'`,
    kind: 'payment',
    says: `payment pay_00000000000000000000000001 of mer_00000000000000000000000001: captured less refunded and charged back is 1000 by the payment and 1001 by the ledger`,
  },
  {
    what: 'a refund that is under way and was not posted',
    sql: `update payments set amount_refund_pending = 7 where id = 'pay_00000000000000000000000001'`,
    kind: 'payment',
    says: 'refunds in flight is 7 by the payment and 0 by the ledger',
  },
  {
    what: 'a chargeback that was not posted',
    sql: `update payments set amount_disputed = 7 where id = 'pay_00000000000000000000000001'`,
    kind: 'payment',
    says: 'charged back is 7 by the payment and 0 by the ledger',
  },
  {
    what: 'a payment deleted',
    sql: `delete from payments where id = 'pay_00000000000000000000000001'`,
    kind: 'payment',
    says: 'payment pay_00000000000000000000000001 of mer_00000000000000000000000001 has postings and does not exist',
  },
  {
    what: 'a transaction changed together with its hash',
    sql: `update ledger_sealed set leaf = sha256('x') ${OF_SEALED}`,
    kind: 'seal_root',
    says: `seal 1: its root is not that of the ${BATCH} transactions that ledger_sealed lists for it`,
  },
  {
    what: 'a root changed with it',
    sql: `update ledger_seals set root = sha256('x') where number = 1`,
    kind: 'seal_chain',
    says: 'seal 1 is not the hash of its content',
  },
  {
    what: 'a seal made anew with it',
    sql: `update ledger_seals set previous = sha256('x') where number = 2`,
    kind: 'seal_chain',
    says: 'seal 2 does not follow seal 1: it is over another one',
  },
  {
    what: 'a seal deleted from the middle',
    sql: `delete from ledger_seals where number = 2; delete from ledger_sealed where seal_number = 2`,
    kind: 'published_head',
    says: 'seal 2 was published as',
  },
  {
    what: 'a transaction taken off the list of its seal',
    sql: `delete from ledger_sealed ${OF_SEALED}`,
    kind: 'sealed_list',
    says: `seal 1 is over ${BATCH} transactions, ledger_sealed lists ${BATCH - 1}`,
  },
  {
    what: 'transactions listed under a seal that does not exist',
    sql: `insert into ledger_sealed select merchant_id, id, 99, 0, sha256('x') from ledger_transactions where id = ${FRESH}`,
    kind: 'transaction_changed',
    says: 'was changed after it went into seal 99',
  },
];

/** Another value of that type than the column @ has. */
export const ANOTHER_VALUE: Readonly<Record<string, string>> = {
  text: "@ || 'x'",
  character: "'GBP'",
  bigint: '@ + 1000000',
  integer: '@ + 1000000',
  smallint: '@ + 50',
  xid8: "'3'",
  'timestamp with time zone': "@ + interval '1 microsecond'",
};

import { copyAcross } from '../copy.ts';
import { connect } from '../session.ts';
import { verifyAudit, type AuditVerdict } from '../../../tools/audit/verify.ts';
import { TOLD, type Check, type CheckResult, type Violation } from '../check.ts';
import { ask } from '../suspects.ts';

/** Requests of Stripe and Adyen that carry the card; on ISO 8583 every message does. */
const CARRIES_CARD = `(w.wire = 'iso8583' or a.kind in ('authorization', 'sale'))`;
const SENT = `select a.merchant_id, a.payment_id, a.id, a.kind from attempts a join acquirers w on w.id = a.acquirer_id where a.sends > 0 and ${CARRIES_CARD}
  union all
  select v.merchant_id, null, v.id, 'verification' from verification_attempts v where v.sending_at is not null`;

/** Whoever was given a card number to move money left a row before it was given, and the rows are chained. */
export const moneyIsAudited: Check = {
  number: 13,
  name: 'money-is-audited',
  promise:
    'every message that carried a card number has its row in the vault’s audit log, and the log is whole',
  async run(session) {
    const { sources, main } = session;
    if (sources.vaultUrl === null) return { checked: false, why: 'the vault’s database is not known' };
    const vault = await connect(sources.vaultUrl, 'proof-check');
    try {
      await copyAcross(
        vault,
        'select distinct attempt from vault.audit_log where granted and attempt is not null',
        main,
        'audited',
      );
    } finally {
      await vault.end();
    }
    await main.query('analyze audited');
    const rows = await ask(session, {
      name: 'money-is-audited',
      of: 'messages with a card',
      count: `select count(*) from (${SENT}) a`,
      find: [
        `select a.merchant_id, a.payment_id, null::timestamptz as at, format('attempt %s (%s) was sent, and the vault has no row of its card being given out', a.id, a.kind) as what
         from (${SENT}) a where not exists (select from audited d where d.attempt = a.id)`,
      ],
    });
    const chain = await verifyAudit({ url: sources.vaultUrl, headFile: sources.auditHeadFile });
    return withChain(rows, chain, sources.auditHeadFile !== null);
  },
};

/** What the rows say, and what is wrong with the chain over them: that names rows, not payments. */
function withChain(rows: Awaited<ReturnType<typeof ask>>, chain: AuditVerdict, held: boolean): CheckResult {
  const { problems, problemCount, seals, unsealed } = chain;
  const broken: Violation[] = problems.map(({ kind, text }) => ({
    payment: null,
    what: `${kind}: ${text}`,
    records: null,
  }));
  return {
    ...rows,
    violations: [...rows.violations, ...broken].slice(0, TOLD),
    violationCount: rows.violationCount + problemCount,
    notChecked: held
      ? rows.notChecked
      : [...rows.notChecked, 'the chain of the audit log against its published head: none is known'],
    notes: [...rows.notes, `${seals} seals over the audit log, ${unsealed} rows not sealed yet`],
  };
}

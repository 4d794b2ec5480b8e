import { copyAcross } from '../copy.ts';
import { connect } from '../session.ts';
import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** Requests of the Stripe wire that carry the card; on ISO 8583 every message does. */
const CARRIES_CARD = `(w.wire = 'iso8583' or w.wire = 'stripe' and a.kind in ('authorization', 'sale'))`;

/** Whoever was given a card number to move money left a row before it was given. */
export const moneyIsAudited: Check = {
  number: 13,
  name: 'money-is-audited',
  promise: 'every message that carried a card number has its row in the vault’s audit log',
  async run(session) {
    const { sources, main } = session;
    if (sources.vaultUrl === null) return { checked: false, why: 'the vault’s database is not known' };
    const vault = await connect(sources.vaultUrl, 'proof-check');
    try {
      await copyAcross(vault, 'select distinct attempt from vault.audit_log where granted', main, 'audited');
    } finally {
      await vault.end();
    }
    await main.query('analyze audited');
    return ask(session, {
      name: 'money-is-audited',
      of: 'messages with a card',
      count: `select count(*) from attempts a join acquirers w on w.id = a.acquirer_id where a.sends > 0 and ${CARRIES_CARD}`,
      notChecked: ['the chain of the audit log: it is not chained yet'],
      find: [
        `select a.merchant_id, a.payment_id, null::timestamptz as at, format('attempt %s (%s) was sent, and the vault has no row of its card being given out', a.id, a.kind) as what
         from attempts a join acquirers w on w.id = a.acquirer_id
         where a.sends > 0 and ${CARRIES_CARD} and not exists (select from audited d where d.attempt = a.id)`,
      ],
    });
  },
};

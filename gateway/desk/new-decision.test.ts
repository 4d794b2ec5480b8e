import { describe, expect, it } from 'vitest';
import { askedByForm, newDecisionForms } from './new-decision.ts';
import { parseDecision } from './parse.ts';

/** The promise: a webhook that failed and the books have forms of their own, and what they send is a decision as the internal API takes it. */

const ID = 'dcs_01h455vb4pex5vsknk084sn02q';
const MERCHANT = 'mer_01h455vb4pex5vsknk084sn02q';
const ADJUSTMENT = {
  id: ID,
  action: 'adjust',
  merchant_id: MERCHANT,
  mode: 'test',
  debit_code: 'merchant_payable:pending',
  credit_code: 'acquirer_receivable:acquirer-1',
  amount: '1250',
  currency: 'EUR',
  reason: 'taken twice',
  evidence: 'report of 21 Nov, line 7',
};

describe('the forms', () => {
  it('are there for who may decide, each with an id of its own and the fields that it needs', () => {
    expect(newDecisionForms('viewer').text).not.toContain('<form');
    const { text } = newDecisionForms('operator');
    expect(new Set(text.match(/dcs_\w{26}/g)).size).toBe(2);
    for (const name of ['action', 'merchant_id', 'subject', 'reason', 'evidence', ...Object.keys(ADJUSTMENT)])
      expect(text).toContain(`name="${name}"`);
    expect(text).not.toMatch(/<script|onclick/);
  });

  it('ask for a correction of the books with a whole amount', () => {
    expect(parseDecision(askedByForm(ADJUSTMENT))).toMatchObject({
      action: 'adjust',
      body: { amount: 1_250, mode: 'test', currency: 'EUR' },
    });
    for (const amount of ['12.50', '1e3', '0x10', '-5', '0', '', undefined])
      expect(() => parseDecision(askedByForm({ ...ADJUSTMENT, amount })), amount).toThrow('amount');
  });

  it('ask for a delivery once more, with a second person where somebody wants one', () => {
    const retry = {
      id: ID,
      action: 'retry_webhook',
      merchant_id: MERCHANT,
      subject: 'dlv_01h455vb4pex5vsknk084sn02q_01h455vb4pex5vsknk084sn02q',
      reason: 'the receiver is back',
    };
    expect(parseDecision(askedByForm(retry))).toEqual(retry);
    expect(parseDecision(askedByForm({ ...retry, second_person: 'true' }))).toMatchObject({
      second_person: true,
    });
  });
});

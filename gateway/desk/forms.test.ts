import { describe, expect, it } from 'vitest';
import { choicesOf, decideForm } from './forms.ts';
import { html } from '../../platform/html.ts';
import { age } from './html.ts';
import type { WorkItem } from './records.ts';

/** The promise: a page offers what can be decided about what it shows, and what people typed stays text. */

const OPERATION = {
  id: 'ref_1',
  kind: 'refund',
  state: 'pending',
  phase: 'case',
  can_be_called: true,
  can_be_undone: false,
};

function work(
  item: Partial<WorkItem['item']>,
  operations: WorkItem['operations'] = [],
  status = 'captured',
): WorkItem {
  return {
    item: {
      id: 'case_1',
      kind: 'refund_unknown',
      state: 'open',
      operation_id: 'ref_1',
      attempt_id: null,
      detail: null,
      opened_at: '2026-11-22T00:00:00Z',
      can_be_closed: false,
      ...item,
    },
    waiting: null,
    payment: { id: 'pay_1', merchant_id: 'mer_1', status, amount: '5', currency: 'EUR', paused_at: null },
    operations,
    attempts: [],
    timeline: [],
    cases: [],
    decisions: [],
  };
}
/** What is offered beside the pause, which always is. */
const actions = (one: WorkItem): string[] =>
  choicesOf(one).flatMap(({ action }) => (action === 'pause_payment' ? [] : [action]));

describe('the form of a case', () => {
  it.each([
    ['a refund that is unknown', work({}, [OPERATION]), ['call_executed', 'call_not_executed', 'ask_now']],
    [
      'an authorization that is unknown',
      work({ kind: 'unknown_too_long', operation_id: 'auth_1' }, [
        { ...OPERATION, id: 'auth_1', kind: 'authorize', phase: 'unknown', can_be_undone: true },
      ]),
      ['force_reversal', 'ask_now'],
    ],
    [
      'an authorization that is not sent yet',
      work({ operation_id: 'auth_1' }, [
        {
          ...OPERATION,
          id: 'auth_1',
          kind: 'authorize',
          phase: 'ready',
          can_be_called: false,
          can_be_undone: true,
        },
      ]),
      ['force_reversal'],
    ],
    [
      'a release that is unknown',
      work({ operation_id: 'rel_1' }, [{ ...OPERATION, id: 'rel_1', kind: 'release', phase: 'unknown' }]),
      ['call_executed', 'ask_now'],
    ],
    [
      'a review',
      work({ id: 'pay_1', kind: 'review', operation_id: null }, [], 'in_review'),
      ['approve_review', 'reject_review'],
    ],
    [
      'a hold',
      work({ id: 'pay_1', kind: null, state: 'none', operation_id: null }, [], 'authorized'),
      ['release_hold', 'extend_hold'],
    ],
    ['what a person may close', work({ kind: 'adopted', can_be_closed: true }), ['close_case']],
    ['what nobody may close', work({ kind: 'adopted' }), []],
  ] as const)('offers what can be decided about %s', (_, one, offered) => {
    expect(actions(one)).toEqual(offered);
  });

  it('offers to pause what is not paused, and to let go on what is', () => {
    const one = work({ id: 'pay_1', kind: null, state: 'none' });
    const pausing = (payment: WorkItem) =>
      choicesOf(payment).flatMap(({ action }) => (action.endsWith('_payment') ? [action] : []));
    expect(pausing(one)).toEqual(['pause_payment']);
    const paused = { ...one, payment: { ...one.payment, paused_at: '2026-11-22T00:00:00Z' } };
    expect(pausing(paused)).toEqual(['resume_payment']);
  });

  it('is nothing for a viewer, and has an id of its own each time', () => {
    const review = work({ id: 'pay_1', kind: 'review' }, [], 'in_review');
    expect(decideForm(review, 'viewer').text).not.toContain('<form');
    const ids = [1, 2].map(
      () => /name="id" value="(dcs_\w{26})"/.exec(decideForm(review, 'operator').text)?.[1],
    );
    expect(new Set(ids).size).toBe(2);
  });
});

describe('a page', () => {
  it('shows what people typed as they typed it', () => {
    expect(html`<p title="${'"><script>'}">${'<b>&'}${html`<i>${"'"}</i>`}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;<i>&#39;</i></p>',
    );
  });

  it('says how old something is in two units', () => {
    const now = Date.parse('2026-11-22T12:30:00Z');
    expect(age('2026-11-22T12:29:30Z', now)).toBe('0 min');
    expect(age('2026-11-22T09:15:00Z', now)).toBe('3 h 15 min');
    expect(age('2026-11-20T09:15:00Z', now)).toBe('2 d 3 h');
  });
});

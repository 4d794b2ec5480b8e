import { expect, it } from 'vitest';
import { decisionPage, type DeskFrame } from './pages.ts';
import type { Decision } from './records.ts';

it('a decision whose reason begins as a time does is a page like any other, with that reason whole', () => {
  const frame: DeskFrame = {
    nonce: 'n',
    login: 'operator',
    role: 'operator',
    workflows: 'http://temporal.example',
    now: 0,
  };
  const decision: Decision = {
    id: 'dcs_1',
    action: 'ask_now',
    merchant_id: 'mer_1',
    payment_id: null,
    subject: 'pay_1',
    body: {},
    reason: '2026-13-45T',
    evidence: '2026-11-22T05:00:00Z said the shop',
    proposed_by: 'operator',
    proposed_at: '2026-11-22T05:00:00.123+00:00',
    second_person: false,
    state: 'approved',
    decided_by: 'operator',
    decided_at: '2026-11-22T05:00:00.123+00:00',
    decision_reason: null,
    effect: null,
    bulk: null,
    command: null,
  };
  const page = decisionPage(frame, decision);
  expect(page).toContain('2026-13-45T');
  expect(page).toContain('2026-11-22T05:00:00Z said the shop');
  expect(page).toContain('2026-11-22 05:00:00');
});

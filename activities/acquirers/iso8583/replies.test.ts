import { describe, expect, it } from 'vitest';
import { CARD_PURPOSES, type AttemptKind, type CardPurpose } from '../../../workflows/domain/outcome.ts';
import { classifyReply } from './replies.ts';
import { REPLY_TABLE } from './reply-table.ts';

type Row = readonly [code: string, outcome: 'approved' | 'declined' | 'ambiguous', remedy: string | null];

/** Every row, written out a second time on purpose: a change of the table must be meant. */
const TO_AN_AUTHORIZATION: readonly Row[] = [
  ['00', 'approved', null],
  ['01', 'declined', 'none'],
  ['02', 'declined', 'none'],
  ['03', 'declined', 'other_route'],
  ['04', 'declined', 'never'],
  ['05', 'declined', 'none'],
  ['06', 'ambiguous', null],
  ['07', 'declined', 'never'],
  ['08', 'approved', null],
  ['09', 'ambiguous', null],
  ['10', 'approved', null],
  ['11', 'approved', null],
  ['12', 'declined', 'never'],
  ['13', 'declined', 'fix_data'],
  ['14', 'declined', 'fix_data'],
  ['15', 'declined', 'never'],
  ['17', 'declined', 'none'],
  ['19', 'declined', 'later'],
  ['21', 'declined', 'none'],
  ['25', 'declined', 'none'],
  ['30', 'declined', 'none'],
  ['31', 'declined', 'none'],
  ['33', 'declined', 'never'],
  ['34', 'declined', 'never'],
  ['36', 'declined', 'never'],
  ['38', 'declined', 'never'],
  ['39', 'declined', 'none'],
  ['40', 'declined', 'none'],
  ['41', 'declined', 'never'],
  ['42', 'declined', 'none'],
  ['43', 'declined', 'never'],
  ['46', 'declined', 'never'],
  ['51', 'declined', 'later'],
  ['52', 'declined', 'none'],
  ['53', 'declined', 'none'],
  ['54', 'declined', 'fix_data'],
  ['55', 'declined', 'fix_data'],
  ['56', 'declined', 'none'],
  ['57', 'declined', 'never'],
  ['58', 'declined', 'other_route'],
  ['59', 'declined', 'none'],
  ['61', 'declined', 'later'],
  ['62', 'declined', 'none'],
  ['63', 'declined', 'none'],
  ['64', 'declined', 'none'],
  ['65', 'declined', 'later'],
  ['67', 'declined', 'never'],
  ['68', 'ambiguous', null],
  ['75', 'declined', 'none'],
  ['78', 'declined', 'none'],
  ['82', 'declined', 'fix_data'],
  ['90', 'declined', 'later'],
  ['91', 'declined', 'other_route'],
  ['92', 'declined', 'other_route'],
  ['93', 'declined', 'none'],
  ['94', 'ambiguous', null],
  ['96', 'ambiguous', null],
  ['1A', 'declined', 'authenticate'],
  ['N7', 'declined', 'fix_data'],
  ['R0', 'declined', 'never'],
  ['R1', 'declined', 'never'],
  ['R3', 'declined', 'never'],
  // Not in the table.
  ['85', 'ambiguous', null],
  ['99', 'ambiguous', null],
  ['ZZ', 'ambiguous', null],
];

const classify = (kind: CardPurpose, code: string, repeated = false, zeroAmount = false) =>
  classifyReply({ kind, code, repeated, zeroAmount });

describe('what a response code means', () => {
  it.each(TO_AN_AUTHORIZATION)('to an authorization, %s is %s with remedy %s', (code, outcome, remedy) => {
    expect(classify('authorization', code)).toMatchObject({ outcome, remedy });
    expect(classify('sale', code)).toMatchObject({ outcome, remedy });
  });

  it('has a test row for every row of the table', () => {
    const tested = new Set(TO_AN_AUTHORIZATION.map(([code]) => code));
    expect(Object.keys(REPLY_TABLE.rows).filter((code) => !tested.has(code))).toEqual([]);
  });

  it.each<[AttemptKind, string, boolean, 'approved' | 'declined' | 'ambiguous', string]>([
    ['capture', '00', false, 'approved', 'it is acknowledged'],
    ['capture', '94', true, 'ambiguous', 'a duplicate says that it arrived, not that it was accepted'],
    ['capture', '13', false, 'declined', 'refused in plain words: a case'],
    ['capture', '10', false, 'ambiguous', 'an advice is not approved in part'],
    ['capture', '96', false, 'ambiguous', 'asked again'],
    ['void', '00', false, 'approved', 'acknowledged'],
    ['void', '21', false, 'declined', 'captured already: the merchant refunds'],
    ['void', '25', false, 'declined', 'the acquirer has no such authorization'],
    ['void', '25', true, 'ambiguous', 'our own first one may have released it'],
    ['partial_void', '21', true, 'ambiguous', 'our own first one may have released it'],
    ['void', '94', false, 'ambiguous', 'to a first request it says nothing'],
    ['void', '94', true, 'approved', 'our own first one arrived'],
    ['partial_void', '94', true, 'approved', 'our own first one arrived'],
    ['refund', '00', false, 'approved', 'accepted'],
    ['refund', '64', false, 'declined', 'refunds may be declined'],
    ['refund', '10', false, 'ambiguous', 'a refund is not approved in part'],
    ['reversal', '00', false, 'approved', 'acknowledged'],
    ['reversal', '94', false, 'ambiguous', 'to a first request it says nothing'],
    ['reversal', '94', true, 'approved', 'our own first one arrived'],
    ['reversal', '25', true, 'declined', 'not found: proof only with the age of the original'],
    ['reversal', '21', false, 'ambiguous', 'refused: repeated, then a case'],
    ['reversal', '12', true, 'ambiguous', 'refused: repeated, then a case'],
  ])('to a %s, %s (repeated: %s) is %s: %s', (kind, code, repeated, outcome) => {
    expect(classify(kind, code, repeated).outcome).toBe(outcome);
  });

  it('takes 85 for a yes only where no amount was asked for', () => {
    expect(classify('authorization', '85', false, true).outcome).toBe('approved');
    expect(classify('authorization', '85', false, false).outcome).toBe('ambiguous');
  });

  it('is no no to a verification that was asked before with a security code, where it may be said for want of it', () => {
    for (const code of ['05', '63', '82', 'N7']) {
      expect(classify('verification', code, false, true).outcome, code).toBe('declined');
      expect(classify('verification', code, true, true).outcome, code).toBe('ambiguous');
    }
    // What has nothing to do with it stays what it is.
    expect(classify('verification', '54', true, true).outcome).toBe('declined');
    expect(classify('verification', '85', true, true).outcome).toBe('approved');
  });

  it('is a no to a verification only where the issuer speaks of the card: every other refusal says nothing of it', () => {
    const refused = TO_AN_AUTHORIZATION.filter(([, outcome]) => outcome === 'declined');
    const silent = refused.filter(
      ([code]) => classify('verification', code, false, true).outcome !== 'declined',
    );
    expect(silent.map(([code]) => code)).toEqual([
      '03',
      '12',
      '13',
      '17',
      '19',
      '21',
      '25',
      '30',
      '31',
      '40',
      '58',
      '64',
      '90',
      '91',
      '92',
    ]);
    for (const [code] of silent)
      expect(classify('verification', code, false, true).outcome).toBe('ambiguous');
    for (const code of ['00', '08', '11', '85'])
      expect(classify('verification', code, false, true).outcome).toBe('approved');
    // There is no part of nothing.
    expect(classify('verification', '10', false, true).outcome).toBe('ambiguous');
  });

  it('names the refusal of an advice, for which a case is opened', () => {
    expect(classify('capture', '12').reason).toBe('advice_refused');
  });

  it.each(CARD_PURPOSES)('never calls an unknown code to a %s a decline', (kind) => {
    for (const code of ['09', '68', '94', '96', '7Q']) expect(classify(kind, code).outcome).toBe('ambiguous');
  });
});

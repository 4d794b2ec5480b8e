import { describe, expect, it } from 'vitest';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import { encode, type Fields, type Message } from './codec.ts';
import { exchangeKey, readAnswer, requestOf, type Answer } from './messages.ts';

const wire = {
  mti: '0100',
  processingCode: '000000',
  amount: '000000001250',
  transmissionAt: '1121135307',
  stan: '000042',
  localTime: '135307',
  localDate: '1121',
  mcc: '5999',
  entryMode: '012',
  conditionCode: '59',
  institution: '400123',
  forwarder: '400123',
  rrn: '532500000001',
  terminal: 'TERM0001',
  merchantAccount: 'MERCHANT1      ',
  acceptor: 'EXAMPLE SHOP AMSTERDAM NL'.padEnd(40),
  currency: '978',
} as const;
const card = { number: '4242424242424242', expiryMonth: 3, expiryYear: 2031, cvv: '123' };

const authorization = requestOf('authorization', wire, card, false);

function replyTo(
  request: Message,
  type: Message['type'],
  over: Fields = {},
  without: (keyof Fields)[] = [],
): Message {
  const {
    3: code,
    4: amount,
    7: at,
    11: stan,
    32: institution,
    37: rrn,
    41: terminal,
    42: account,
    49: currency,
  } = request.fields;
  const fields = {
    3: code,
    4: amount,
    7: at,
    11: stan,
    32: institution,
    37: rrn,
    38: 'A12345',
    39: '00',
    41: terminal,
    42: account,
    49: currency,
  };
  const kept = Object.entries({ ...fields, ...over }).filter(
    ([field]) => !without.includes(Number(field) as keyof Fields),
  );
  return { type, fields: Object.fromEntries(kept) };
}

describe('the message of an attempt', () => {
  it('is the stored plan and the card', () => {
    expect(authorization).toEqual({
      type: '0100',
      fields: {
        2: '4242424242424242',
        3: '000000',
        4: '000000001250',
        7: '1121135307',
        11: '000042',
        12: '135307',
        13: '1121',
        14: '3103',
        18: '5999',
        22: '012',
        25: '59',
        32: '400123',
        33: '400123',
        37: '532500000001',
        41: 'TERM0001',
        42: 'MERCHANT1      ',
        43: 'EXAMPLE SHOP AMSTERDAM NL'.padEnd(40),
        48: '9203123',
        49: '978',
      },
    });
  });

  it.each<AttemptKind>(['capture', 'void', 'partial_void', 'refund', 'reversal'])(
    'never carries a security code in a %s',
    (kind) => {
      expect(requestOf(kind, { ...wire, mti: '0220' }, card, false).fields).not.toHaveProperty('48');
    },
  );

  it.each([
    ['0220', '0221'],
    ['0400', '0401'],
    ['0420', '0421'],
  ])('is byte-equal in its repeat but for the message type (%s, %s)', (mti, repeatMti) => {
    const first = encode(requestOf('capture', { ...wire, mti, approvalCode: 'A12345' }, card, false));
    const repeat = encode(requestOf('capture', { ...wire, mti, approvalCode: 'A12345' }, card, true));
    expect(first.subarray(0, 4).toString()).toBe(mti);
    expect(repeat.subarray(0, 4).toString()).toBe(repeatMti);
    expect(repeat.subarray(4).equals(first.subarray(4))).toBe(true);
  });

  it('has no repeat for what would ask the issuer again', () => {
    expect(() => requestOf('authorization', wire, card, true)).toThrow(/cannot be repeated/);
    expect(() => requestOf('refund', { ...wire, mti: '0200' }, card, true)).toThrow(/cannot be repeated/);
  });

  it('refuses a plan that is not of this wire', () => {
    expect(() => requestOf('authorization', { paymentIntent: 'x' }, card, false)).toThrow(
      /the plan lacks processingCode, amount/,
    );
    expect(() => requestOf('authorization', { ...wire, mti: '0110' }, card, false)).toThrow(
      /message type 0110/,
    );
  });

  it('has the same key as its answer, also when it is a repeat', () => {
    const capture = requestOf('capture', { ...wire, mti: '0220' }, card, false);
    const repeat = requestOf('capture', { ...wire, mti: '0220' }, card, true);
    const answer = replyTo(repeat, '0230');
    expect(new Set([exchangeKey(capture), exchangeKey(repeat), exchangeKey(answer)]).size).toBe(1);
    expect(exchangeKey(replyTo(authorization, '0110', { 41: 'TERM0002' }))).not.toBe(
      exchangeKey(authorization),
    );
  });
});

describe('an answer, read and checked', () => {
  const read = (over: Fields, without: (keyof Fields)[] = []): Answer =>
    readAnswer('authorization', authorization, replyTo(authorization, '0110', over, without), false);

  it('gives everything that is kept of an approval', () => {
    expect(read({ 15: '1122', 48: '6307MCC12348301U8701M' })).toEqual({
      outcome: 'approved',
      responseCode: '00',
      approvalCode: 'A12345',
      networkReference: 'MCC1234',
      approvedAmount: 1_250n,
      settlementDate: '1122',
      validUntil: null,
      remedy: null,
      avsResult: 'U',
      cvvResult: 'M',
      reason: null,
    });
  });

  it('gives the moment until which the acquirer holds the money, where it says one', () => {
    expect(read({ 48: '71102812312359' }).validUntil).toEqual(new Date('2028-12-31T23:59:00Z'));
    expect(read({ 48: '71102813312359' })).toMatchObject({ outcome: 'ambiguous' });
  });

  it('takes the smaller amount of a partial approval', () => {
    expect(read({ 39: '10', 4: '000000000625' })).toMatchObject({
      outcome: 'approved',
      responseCode: '10',
      approvedAmount: 625n,
    });
  });

  it('flags an approval above the request, which has to be undone', () => {
    expect(read({ 4: '000000001251' })).toMatchObject({
      outcome: 'approved',
      approvedAmount: 1_251n,
      reason: 'approved_amount_above_request',
    });
  });

  it('gives a decline its remedy and no amount', () => {
    expect(read({ 39: '51' }, [38])).toMatchObject({
      outcome: 'declined',
      remedy: 'later',
      approvedAmount: null,
      approvalCode: null,
    });
  });

  it.each<[string, Fields, (keyof Fields)[]]>([
    ['another reference', { 37: '532500000002' }, []],
    ['another merchant account', { 42: 'MERCHANT2      ' }, []],
    ['another currency', { 49: '840' }, []],
    ['another currency, declined', { 49: '840', 39: '05' }, []],
    ['another amount, declined', { 4: '000000000001', 39: '05' }, []],
    ['a smaller amount that is no partial approval', { 4: '000000000625' }, []],
    ['a partial approval of nothing', { 39: '10', 4: '000000000000' }, []],
    ['no amount', {}, [4]],
    ['no currency', {}, [49]],
    ['no response code', {}, [39]],
    ['no approval code', {}, [38]],
    ['a private field that cannot be read', { 48: 'garbage' }, []],
    ['a response code that nobody knows', { 39: 'Q7' }, []],
  ])('is ambiguous with %s', (_name, over, without) => {
    const answer = read(over, without);
    expect(answer).toMatchObject({ outcome: 'ambiguous', approvalCode: null, approvedAmount: null });
    expect(answer.reason).not.toBeNull();
  });

  it('is ambiguous when the answer to an advice names another amount', () => {
    const capture = requestOf('capture', { ...wire, mti: '0220', approvalCode: 'A12345' }, card, false);
    expect(
      readAnswer('capture', capture, replyTo(capture, '0230', { 4: '000000002000' }), false).outcome,
    ).toBe('ambiguous');
  });
});

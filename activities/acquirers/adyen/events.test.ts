import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adyenEvents, type AdyenEventSecrets } from './events.ts';
import { HmacValidator } from './library.ts';
import { ANSWERED_KINDS, EVENT_CODES } from './reply-table.ts';

/** The promise: what is not signed is not believed, and what is signed means what the table says. */
const KEY = '00112233445566778899aabbccddeeff';
const OTHER_KEY = 'ffeeddccbbaa99887766554433221100';
const SECRETS: AdyenEventSecrets = { hmacKeys: [KEY], basic: null };

const plain = {
  pspReference: 'PSPMOD0000000001',
  originalReference: 'PSPPAY0000000001',
  merchantAccountCode: 'TestShopECOM',
  merchantReference: 'att_cap_1',
  amount: { value: 3_000, currency: 'EUR' },
  eventCode: 'CAPTURE',
  success: 'true',
  eventDate: '2026-11-21T12:00:00+01:00',
};
type Item = Record<string, unknown> & typeof plain;

const signedWith = (key: string, item: Item = plain) => ({
  ...item,
  additionalData: {
    hmacSignature: new HmacValidator().calculateHmac(
      [
        item.pspReference,
        item.originalReference,
        item.merchantAccountCode,
        item.merchantReference,
        item.amount.value,
        item.amount.currency,
        item.eventCode,
        item.success,
      ].join(':'),
      key,
    ),
  },
});
const bodyOf = (...items: readonly object[]): Buffer =>
  Buffer.from(
    JSON.stringify({
      live: 'false',
      notificationItems: items.map((item) => ({ NotificationRequestItem: item })),
    }),
  );
const verify = (body: Buffer, secrets = SECRETS, headers = {}) => adyenEvents.verify(body, headers, secrets);

describe('verification', () => {
  it('lets through what is signed, and names it by account, code, reference and success', () => {
    expect(verify(bodyOf(signedWith(KEY)))).toMatchObject({
      type: 'verified',
      dedupeKey: 'TestShopECOM:CAPTURE:PSPMOD0000000001:true',
      items: [{ dedupeKey: 'TestShopECOM:CAPTURE:PSPMOD0000000001:true' }],
    });
  });

  it('takes every key of a rotation, and no other', () => {
    const rotated = { ...SECRETS, hmacKeys: [KEY, OTHER_KEY] };
    expect(verify(bodyOf(signedWith(OTHER_KEY)), rotated).type).toBe('verified');
    expect(verify(bodyOf(signedWith(OTHER_KEY)))).toMatchObject({ type: 'refused', status: 401 });
    expect(verify(bodyOf(signedWith(KEY)), { ...SECRETS, hmacKeys: [] })).toMatchObject({ status: 401 });
  });

  it('knows the documented example of the library’s own validator', () => {
    const validator = new HmacValidator();
    const item = { ...plain, additionalData: {} };
    expect(validator.calculateHmac(item as never, KEY)).toBe(signedWith(KEY).additionalData.hmacSignature);
  });

  it.each(Object.keys(plain).filter((name) => name !== 'eventDate'))('refuses a changed %s', (name) => {
    const item: Record<string, unknown> = signedWith(KEY);
    const changed = name === 'amount' ? { value: 3_001, currency: 'EUR' } : `${String(item[name])}0`;
    const other = { ...item, [name]: name === 'success' ? 'false' : changed };
    expect(verify(bodyOf(other)).type).toBe('refused');
  });

  it.each([
    ['one of two that is not signed', bodyOf(signedWith(KEY), plain), 401],
    ['no signature', bodyOf(plain), 401],
    ['an empty signature', bodyOf({ ...plain, additionalData: { hmacSignature: '' } }), 401],
    ['no items', bodyOf(), 400],
    ['no JSON', Buffer.from('CAPTURE=true'), 400],
    ['nothing', Buffer.alloc(0), 400],
    // "ref:100" signed as a reference would read as reference and amount.
    ['a colon within a field', bodyOf(signedWith(KEY, { ...plain, merchantReference: 'att:1' })), 400],
  ])('refuses %s', (_, body, status) => {
    expect(verify(body)).toMatchObject({ type: 'refused', status });
  });

  it('asks for basic authentication where there is one', () => {
    const secrets = { ...SECRETS, basic: { user: 'adyen', password: 'secret' } };
    const right = `Basic ${Buffer.from('adyen:secret').toString('base64')}`;
    const body = bodyOf(signedWith(KEY));
    expect(verify(body, secrets)).toMatchObject({ type: 'refused', status: 401 });
    expect(verify(body, secrets, { authorization: `${right}x` })).toMatchObject({ status: 401 });
    expect(verify(body, secrets, { authorization: right }).type).toBe('verified');
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(verify(Buffer.from(text)).type).toBe('refused');
      }),
    );
  });
});

function reportOf(over: Partial<Item>) {
  const verified = verify(bodyOf(signedWith(KEY, { ...plain, ...over } as Item)));
  if (verified.type === 'refused') throw new Error(verified.reason);
  const [first] = verified.items;
  if (first === undefined) throw new Error('no item');
  return adyenEvents.translate(first.item);
}

describe('translation', () => {
  it.each(Object.entries(EVENT_CODES.rows))('%s: %s', (eventCode, meaning) => {
    const report = reportOf({ eventCode });
    const types = {
      answers: 'answer',
      withdraws: 'withdrawal',
      chargeback: 'chargeback',
      chargeback_reversal: 'chargeback_reversal',
      nothing: 'nothing',
    } as const;
    expect(report.type).toBe(types[meaning]);
    expect(report).toMatchObject({
      merchantAccount: 'TestShopECOM',
      reference: 'att_cap_1',
      acquirerReference: 'PSPMOD0000000001',
      payment: 'PSPPAY0000000001',
    });
    if (report.type === 'answer') {
      expect(report.about).toEqual(ANSWERED_KINDS[eventCode as keyof typeof ANSWERED_KINDS]);
      expect(report.answer.outcome).toBe('approved');
      const failed = reportOf({ eventCode, success: 'false' });
      expect(failed).toMatchObject({ type: 'answer', answer: { outcome: 'declined', approvedAmount: null } });
    } else expect(reportOf({ eventCode, success: 'false' }).type).toBe('nothing');
  });

  it('of an unknown code is for a person', () => {
    expect(reportOf({ eventCode: 'SOMETHING_NEW' })).toMatchObject({ type: 'not_understood' });
  });

  it('undoes Adyen’s way of writing amounts, and has none where it cannot', () => {
    const amountOf = (value: number, currency: string) => {
      const report = reportOf({ amount: { value, currency } });
      return report.type === 'answer' ? report.answer.approvedAmount : undefined;
    };
    expect(amountOf(70_000, 'ISK')).toBe(700n);
    expect(amountOf(1_500, 'IDR')).toBe(150_000n);
    expect(amountOf(150, 'CLP')).toBeNull();
    expect(amountOf(100, 'XXX')).toBeNull();
    expect(reportOf({ eventCode: 'CHARGEBACK', amount: { value: 1, currency: 'XXX' } }).type).toBe(
      'not_understood',
    );
  });

  it('decides nothing by what is not signed: a decline has no remedy and no code of the issuer', () => {
    const report = reportOf({
      eventCode: 'AUTHORISATION',
      success: 'false',
      originalReference: '',
      reason: '9 : Issuer Unavailable',
    });
    expect(report).toMatchObject({
      type: 'answer',
      reason: '9 : Issuer Unavailable',
      payment: 'PSPMOD0000000001',
      answer: { outcome: 'declined', remedy: 'none', responseCode: 'AUTHORISATION:false' },
    });
  });
});

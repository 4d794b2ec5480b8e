import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownAttempt, Standing } from '../events.ts';
import { adyenEventReader } from './event-reports.ts';
import { verifyAdyenEvents } from './events.ts';
import { HmacValidator } from './library.ts';
import { EVENT_CODES, type AnsweringCode } from './reply-table.ts';

/** The promise: what is not signed is not believed, and what is signed means what the table says. */
const KEY = '00112233445566778899aabbccddeeff';
const OTHER_KEY = 'ffeeddccbbaa99887766554433221100';

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
const verify = (body: Buffer, secrets: readonly string[] = [KEY], headers = {}) =>
  verifyAdyenEvents(body, headers, secrets, Date.now());

describe('verification', () => {
  it('lets through what is signed, and names it by account, code, reference and success', () => {
    expect(verify(bodyOf(signedWith(KEY)))).toMatchObject({
      type: 'verified',
      items: [
        {
          dedupeKey: 'TestShopECOM:CAPTURE:PSPMOD0000000001:true',
          type: 'CAPTURE:true',
          occurredAt: new Date('2026-11-21T11:00:00Z'),
        },
      ],
    });
  });

  it('takes every key of a rotation, and no other', () => {
    expect(verify(bodyOf(signedWith(OTHER_KEY)), [KEY, OTHER_KEY]).type).toBe('verified');
    expect(verify(bodyOf(signedWith(OTHER_KEY)))).toEqual({ type: 'refused', because: 'unsigned' });
    expect(verify(bodyOf(signedWith(KEY)), [])).toEqual({ type: 'refused', because: 'unsigned' });
  });

  it('keeps nothing that is not signed', () => {
    const verified = verify(bodyOf({ ...signedWith(KEY), reason: 'anything', paymentMethod: 'visa' }));
    if (verified.type === 'refused') throw new Error(verified.because);
    const { eventDate, ...signed } = plain;
    expect(eventDate).toBeDefined();
    expect(verified.items.map(({ item }) => item)).toEqual([signed]);
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
    ['one of two that is not signed', bodyOf(signedWith(KEY), plain), 'unsigned'],
    ['no signature', bodyOf(plain), 'unsigned'],
    ['an empty signature', bodyOf({ ...plain, additionalData: { hmacSignature: '' } }), 'unsigned'],
    ['no items', bodyOf(), 'unreadable'],
    ['no JSON', Buffer.from('CAPTURE=true'), 'unreadable'],
    ['nothing', Buffer.alloc(0), 'unreadable'],
    // "ref:100" signed as a reference would read as reference and amount.
    [
      'a colon within a field',
      bodyOf(signedWith(KEY, { ...plain, merchantReference: 'att:1' })),
      'unreadable',
    ],
  ])('refuses %s', (_, body, because) => {
    expect(verify(body)).toEqual({ type: 'refused', because });
  });

  it('asks for basic authentication where there is one', () => {
    const secrets = [KEY, 'basic:adyen:secret'];
    const authorization = `Basic ${Buffer.from('adyen:secret').toString('base64')}`;
    const body = bodyOf(signedWith(KEY));
    expect(verify(body, secrets).type).toBe('refused');
    expect(verify(body, secrets, { authorization: `${authorization}x` }).type).toBe('refused');
    expect(verify(body, secrets, { authorization }).type).toBe('verified');
    expect(verify(bodyOf(plain), secrets, { authorization }).type).toBe('refused');
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(verify(Buffer.from(text)).type).toBe('refused');
      }),
    );
  });
});

const known = (over: Partial<KnownAttempt>): KnownAttempt =>
  ({
    id: 'att_cap_1',
    operation: 'cap_1',
    kind: 'capture',
    state: 'sending',
    outcome: null,
    amount: 3_000n,
    currency: 'EUR',
    acquirerReference: null,
    ...over,
  }) as KnownAttempt;

/** What such an event tells of a payment with these attempts; operations that succeeded by name. */
function tell(
  over: Partial<Item>,
  attempts: readonly KnownAttempt[] = [known({})],
  { succeeded = [] as readonly string[], told = [] as readonly object[], currency = 'EUR' } = {},
) {
  const operations = succeeded.map((id) => ({ id, kind: 'capture', state: 'succeeded' }));
  const standing = { attempts, operations, currency, holding: null, captured: 0n, told };
  return adyenEventReader.tell({ ...plain, ...over }, standing as unknown as Standing);
}

const KINDS = {
  AUTHORISATION: 'authorization',
  CAPTURE: 'capture',
  CANCELLATION: 'void',
  REFUND: 'refund',
  CANCEL_OR_REFUND: 'reversal',
  TECHNICAL_CANCEL: 'reversal',
} as const satisfies Record<AnsweringCode, KnownAttempt['kind']>;

describe('an event that answers', () => {
  it.each(Object.entries(KINDS))('%s ends the %s that it names', (eventCode, kind) => {
    const attempt = known({ kind });
    const moves = kind === 'authorization' || kind === 'capture' || kind === 'refund';
    expect(tell({ eventCode }, [attempt])).toMatchObject([
      {
        type: 'answer',
        attempt: attempt.id,
        answer: {
          outcome: 'approved',
          acquirerReference: 'PSPMOD0000000001',
          approvedAmount: moves ? 3_000n : null,
        },
      },
    ]);
    const failed = tell({ eventCode, success: 'false' }, [attempt]);
    // An undoing is not ended by its refusal.
    expect(failed).toMatchObject(
      kind === 'reversal'
        ? [{ type: 'alarm' }]
        : [{ type: 'answer', answer: { outcome: 'declined', remedy: 'none', approvedAmount: null } }],
    );
  });

  it('is found by Adyen’s name first, and never by ours where Adyen has another', () => {
    const other = known({ id: 'att_cap_2' as KnownAttempt['id'], acquirerReference: 'PSPMOD0000000001' });
    expect(tell({}, [known({}), other])).toMatchObject([{ attempt: 'att_cap_2' }]);
    expect(tell({}, [known({ acquirerReference: 'PSPMOD0000000009' })])).toMatchObject([
      { type: 'adoption', what: 'capture', amount: 3_000n },
    ]);
  });

  it.each([
    ['another amount', { amount: { value: 2_999, currency: 'EUR' } }],
    ['another currency', { amount: { value: 3_000, currency: 'USD' } }],
  ])('of %s is not believed', (_, over) => {
    expect(tell(over)).toMatchObject([{ type: 'alarm' }]);
  });

  it('undoes Adyen’s way of writing amounts', () => {
    const attempt = known({ amount: 700n, currency: 'ISK' });
    expect(tell({ amount: { value: 70_000, currency: 'ISK' } }, [attempt])).toMatchObject([
      { answer: { outcome: 'approved', approvedAmount: 700n } },
    ]);
  });

  it('says nothing new of what is known, and an approval of what was called otherwise', () => {
    expect(tell({}, [known({ state: 'answered', outcome: 'approved' })])).toEqual([]);
    expect(tell({ success: 'false' }, [known({ state: 'answered', outcome: 'approved' })])).toEqual([]);
    expect(tell({}, [known({ state: 'answered', outcome: 'declined' })])).toMatchObject([
      { type: 'answer', answer: { outcome: 'approved' } },
    ]);
    expect(tell({}, [known({ state: 'planned' })])).toEqual([]);
  });
});

describe('an event about what is no attempt of ours', () => {
  it.each([
    ['CAPTURE', { what: 'capture', amount: 3_000n }],
    ['REFUND', { what: 'refund', amount: 3_000n }],
    ['CANCELLATION', { what: 'void', amount: null }],
  ])('%s is adopted', (eventCode, adoption) => {
    expect(tell({ eventCode, merchantReference: 'theirs' }, [])).toMatchObject([
      { type: 'adoption', reference: 'PSPMOD0000000001', ...adoption },
    ]);
    expect(tell({ eventCode, merchantReference: 'theirs', success: 'false' }, [])).toEqual([]);
  });

  it.each(['CAPTURE', 'REFUND', 'CANCELLATION'])(
    '%s names the authorization that it was done to',
    (eventCode) => {
      const named = (id: string, acquirerReference: string): KnownAttempt =>
        known({
          id: id as KnownAttempt['id'],
          kind: 'authorization',
          state: 'answered',
          outcome: 'approved',
          acquirerReference,
        });
      const both = [named('att_auth_1', 'PSPPAY0000000001'), named('att_rea_1', 'PSPPAY0000000002')];
      expect(tell({ eventCode, merchantReference: 'theirs' }, both)).toMatchObject([
        { type: 'adoption', of: 'att_auth_1' },
      ]);
    },
  );

  it('is nothing, where it is Adyen’s own capture of a sale', () => {
    const sale = known({ kind: 'sale', state: 'answered', acquirerReference: 'PSPPAY0000000001' });
    expect(tell({ merchantReference: 'theirs' }, [sale])).toEqual([]);
  });
});

describe('a success that fails after all', () => {
  const taken = known({ state: 'answered', outcome: 'approved', acquirerReference: 'PSPMOD0000000001' });

  it('is withdrawn', () => {
    expect(tell({ eventCode: 'CAPTURE_FAILED' }, [taken], { succeeded: ['cap_1'] })).toMatchObject([
      { type: 'withdrawal', withdraws: 'cap_1', reference: 'PSPMOD0000000001:failed' },
    ]);
    expect(tell({ eventCode: 'CAPTURE_FAILED', success: 'false' }, [taken])).toEqual([]);
  });

  it('told before its success never gets one', () => {
    expect(tell({ eventCode: 'CAPTURE_FAILED' })).toMatchObject([
      { type: 'answer', answer: { outcome: 'declined' } },
    ]);
    expect(tell({}, [known({})], { told: [{ ...plain, eventCode: 'CAPTURE_FAILED' }] })).toEqual([]);
  });

  it('of a sale is the one capture that it has', () => {
    const sale = known({
      kind: 'sale',
      state: 'answered',
      outcome: 'approved',
      acquirerReference: 'PSPPAY0000000001',
    });
    const failed = { eventCode: 'CAPTURE_FAILED', merchantReference: sale.id };
    expect(tell(failed, [sale], { succeeded: ['cap_1'] })).toMatchObject([
      { type: 'withdrawal', withdraws: 'cap_1' },
    ]);
    expect(tell(failed, [sale], { succeeded: ['cap_1', 'cap_2'] })).toMatchObject([{ type: 'alarm' }]);
    expect(tell(failed, [sale])).toMatchObject([{ type: 'alarm' }]);
    const held = { ...sale, kind: 'authorization' } as const;
    expect(tell(failed, [held], { succeeded: ['cap_1'] })).toMatchObject([{ type: 'alarm' }]);
  });
});

describe('every event code', () => {
  it.each(Object.entries(EVENT_CODES.rows))('%s: %s', (eventCode, meaning) => {
    const item = { ...plain, eventCode };
    expect(adyenEventReader.subjectOf(item)).toEqual(
      meaning === 'nothing'
        ? null
        : {
            account: 'TestShopECOM',
            references: ['PSPMOD0000000001', 'PSPPAY0000000001'],
            attempts: ['att_cap_1'],
          },
    );
    const told = tell({ eventCode }, []);
    if (meaning === 'nothing') expect(told).toEqual([]);
    if (meaning === 'chargeback' || meaning === 'chargeback_reversal')
      expect(told).toMatchObject([{ type: meaning, amount: 3_000n, fee: null }]);
  });

  it('that no table has is an alarm, and no item at all is refused', () => {
    expect(tell({ eventCode: 'SOMETHING_NEW' })).toMatchObject([{ type: 'alarm' }]);
    expect(() => adyenEventReader.subjectOf({ type: 'charge.refunded' })).toThrow(RangeError);
  });
});

import { expect, it } from 'vitest';
import { eventIn } from '../workflows/domain/api-versions.ts';
import { bodyIn, NEWEST, versionHeaders, versionOf } from './versions.ts';

it('a request is answered in the version that it names, else in that of its key, else in the newest', () => {
  expect(versionOf('2026-05-01', NEWEST)).toBe('2026-05-01');
  expect(versionOf(undefined, '2026-05-01')).toBe('2026-05-01');
  expect(versionOf(undefined, null)).toBe(NEWEST);
  for (const wrong of ['2026-05-02', '', 'newest', ['2026-05-01', NEWEST]])
    expect(() => versionOf(wrong, null)).toThrow(
      expect.objectContaining({ code: 'version_unknown' }) as Error,
    );
});

it('the newest is answered byte by byte, and an older one says when it ends', () => {
  const body = '{"object":"payment", "authorization_type":"pre"}';
  expect(bodyIn(NEWEST, body)).toBe(body);
  expect(versionHeaders(NEWEST)).toEqual({ 'quittance-version': NEWEST });
  expect(versionHeaders('2026-05-01')).toMatchObject({
    deprecation: '@1793491200',
    sunset: 'Mon, 01 Nov 2027 00:00:00 GMT',
  });
});

it('an answer is turned back, also in a list, and what is no payment stays as it is', () => {
  const pre = { object: 'payment', authorization_type: 'pre', amount: 1 };
  const final = { object: 'payment', authorization_type: 'final' };
  const back = (value: unknown): unknown => JSON.parse(bodyIn('2026-05-01', JSON.stringify(value)));
  expect(back(pre)).toEqual({ object: 'payment', pre_authorization: true, amount: 1 });
  expect(Object.keys(back(pre) as object)).toEqual(['object', 'pre_authorization', 'amount']);
  expect(back({ object: 'list', data: [pre, final], has_more: false })).toEqual({
    object: 'list',
    data: [
      { object: 'payment', pre_authorization: true, amount: 1 },
      { object: 'payment', pre_authorization: false },
    ],
    has_more: false,
  });
  expect(back({ object: 'event', data: { payment: pre } })).toEqual({
    object: 'event',
    data: { payment: { object: 'payment', pre_authorization: true, amount: 1 } },
  });
  for (const other of [
    { object: 'refund', amount: 1 },
    { object: 'event', data: { endpoint: 'whe_1' } },
  ])
    expect(back(other)).toEqual(other);
});

it('an event is turned from the version that it was written in, and its own version is its very bytes', () => {
  const body = '{"object": "event", "data": {"payment": {"object": "payment", "authorization_type": "pre"}}}';
  expect(eventIn(NEWEST, { from: NEWEST, body })).toBe(body);
  expect(eventIn('2026-05-01', { from: NEWEST, body })).toBe(
    '{"object":"event","data":{"payment":{"object":"payment","pre_authorization":true}}}',
  );
  expect(eventIn('2026-05-01', { from: '2026-05-01', body })).toBe(body);
  // A build that is older than the version, or than the event.
  expect(eventIn('2099-01-01', { from: NEWEST, body })).toBeNull();
  expect(eventIn(NEWEST, { from: '2099-01-01', body })).toBeNull();
});

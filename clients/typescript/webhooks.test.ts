import { expect, it } from 'vitest';
import { signWebhook, verifyWebhook, WebhookSignatureError } from './index.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const next = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const body = '{"id":"evt_1","object":"event","type":"payment.captured"}';
const signed = signWebhook(body, 'dlv_1', secret, new Date());

it('a webhook that is signed with the secret is its event, with headers as fetch or node have them', () => {
  expect(verifyWebhook(body, signed, secret)).toMatchObject({ id: 'evt_1', type: 'payment.captured' });
  expect(verifyWebhook(Buffer.from(body), new Headers(signed), secret)).toMatchObject({ id: 'evt_1' });
});

it('while a secret is rolled either of the two is enough', () => {
  expect(verifyWebhook(body, signed, next, secret)).toMatchObject({ id: 'evt_1' });
});

it.each([
  ['another secret', body, signed, next],
  ['one byte more', `${body} `, signed, secret],
  ['no signature', body, { ...signed, 'webhook-signature': undefined }, secret],
  ['another id', body, { ...signed, 'webhook-id': 'dlv_2' }, secret],
  ['an old signature', body, signWebhook(body, 'dlv_1', secret, new Date(Date.now() - 600_000)), secret],
])('%s is not proven', (_, text, headers, key) => {
  expect(() => verifyWebhook(text, headers, key)).toThrow(WebhookSignatureError);
});

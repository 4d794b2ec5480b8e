/**
 * What is the matter when somebody reads the SQL of a runbook, and what that SQL must find then. Ids are
 * written as in the pages (`pay_…`). Planted as a superuser who steps around the triggers, in a transaction
 * that is rolled back: nobody else ever sees it.
 */
export type Situation =
  | { readonly plant: string; readonly finds: Readonly<Record<string, unknown>> }
  /** Of another session, which is doing this meanwhile. */
  | {
      readonly beside: string;
      readonly finds: Readonly<Record<string, unknown>>;
      /** It cannot be waited for: an age that is found at once instead. */
      readonly atOnce?: readonly [string, string];
    }
  /** It changes so many rows itself. */
  | { readonly changes: number };

/** Of an event's id, and of a delivery's: the last four characters count. */
const eventId = `substr('evt_…', 1, 26) || lpad(n::text, 4, '0')`;
const deliveries = (state: string): string =>
  `insert into deliveries (merchant_id, id, event_id, endpoint_id, state, created_at)
   select 'mer_…', 'dlv_' || substr(${eventId}, 5) || '_planted', ${eventId}, 'whe_planted', '${state}', now()
   from generate_series(1, 1000) n`;

const failingEndpoint = `insert into webhook_endpoints (merchant_id, id, mode, url, sealed_secret, failing_since)
   values ('mer_…', 'whe_planted', 'test', 'https://shop.example/', '{}', now())`;

const lateEvent = `insert into acquirer_events (id, acquirer_id, dedupe_key, type, item, due_at, tries, merchant_id, payment_id)
   values ('aev_01k9zzzzzzzzzzzzzzzzzzzzzz', 'acquirer-1', 'planted', 'planted', '{"said":"planted"}', now() - interval '9 years', 7, 'mer_…', 'pay_…')`;

/** By page, one for each of its statements. */
export const SITUATIONS: Readonly<Record<string, readonly Situation[]>> = {
  AcquirerEventsLate: [
    { plant: lateEvent, finds: { type: 'planted', tries: 7, payment_id: 'pay_…' } },
    { plant: lateEvent, finds: { jsonb_pretty: '{\n    "said": "planted"\n}' } },
  ],
  AcquirerUnknownRate: [
    {
      plant: `update attempts set outcome = 'ambiguous', reason = 'planted', answered_at = now() where merchant_id = 'mer_…'`,
      finds: { acquirer_id: 'acquirer-1', reason: 'planted' },
    },
    { changes: 1 },
  ],
  CommandStuck: [
    {
      plant: `update commands set state = 'pending', answer_status = null, answer_body = null, done_at = null, created_at = now() - interval '9 years'
              where payment_id = 'pay_…' and kind = 'create'`,
      finds: { payment_id: 'pay_…', kind: 'create' },
    },
  ],
  DeclineRateHigh: [
    {
      plant: `update attempts set outcome = 'declined', response_code = 'planted', answered_at = now() where merchant_id = 'mer_…'`,
      finds: { acquirer_id: 'acquirer-1', response_code: 'planted' },
    },
  ],
  FundsLate: [
    {
      plant: `insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at, concluded_at, settlement, funds, funds_due_at)
              values ('mer_…', 'cap_planted', 'pay_…', 'capture', 1, 'succeeded', 'concluded', now(), now(), '{"gross":"1"}',
                '{"kind":"capture","refunded":"0","carried":"0","feeReturned":"0","pending":"1"}', now() - interval '9 years')`,
      finds: { payment_id: 'pay_…', id: 'cap_planted' },
    },
  ],
  LedgerRetriesHigh: [
    { beside: 'select pg_sleep(60)', finds: { wait_event_type: 'Timeout', wait_event: 'PgSleep' } },
  ],
  LedgerSealLag: [
    {
      beside: 'begin',
      finds: { state: 'idle in transaction', application_name: 'runbooks-beside' },
      atOnce: [`interval '5 minutes'`, `interval '0'`],
    },
  ],
  MasterKeyOld: [
    {
      plant: `insert into key_rotations (id, started_at, from_master_key, to_master_key, turned_at, rewrapped, finished_at)
              values ('kr_planted', now() + interval '1 day', 'old', 'new', now(), 7, now())`,
      finds: { id: 'kr_planted', from_master_key: 'old', to_master_key: 'new', rewrapped: '7' },
    },
  ],
  OutboxLag: [{ plant: deliveries('pending'), finds: { endpoint_id: 'whe_planted', count: '1000' } }],
  UnknownOutcomeOld: [
    {
      plant: `update operations set state = 'pending', phase = 'unknown', concluded_at = null, unknown_since = now() - interval '9 years'
              where payment_id = 'pay_…' and kind = 'authorize'`,
      finds: { payment_id: 'pay_…', kind: 'authorize' },
    },
  ],
  VaultAlarm: [
    {
      plant: `insert into vault.audit_log (caller, action, merchant, payment, token, attempt, granted, security_code, refusal)
              values ('planted', 'detokenize', 'mer_…', 'pay_…', 'card_planted', 'att_planted', false, false, 'grant_invalid')`,
      finds: { caller: 'planted', refusal: 'grant_invalid', payment: 'pay_…' },
    },
  ],
  WebhooksFailing: [
    { plant: deliveries('retrying'), finds: { endpoint_id: 'whe_planted', count: '1000' } },
    { plant: failingEndpoint, finds: { id: 'whe_planted', enabled: true } },
    { plant: failingEndpoint, finds: { id: 'whe_planted' } },
  ],
};

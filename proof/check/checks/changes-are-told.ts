import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** A merchant hears of every change of state, once per endpoint and under one name. */
export const changesAreTold: Check = {
  number: 10,
  name: 'changes-are-told',
  promise:
    'every change of status has one event, one webhook id per endpoint, delivered at least once or on its way',
  run: (session) =>
    ask(session, {
      name: 'changes-are-told',
      of: 'events and deliveries',
      count: 'select (select count(*) from events) + (select count(*) from deliveries) as count',
      notChecked: [
        ...(session.sources.receiverLog === null
          ? ['arrival: no receiver wrote down what it got (--receiver-log)']
          : []),
      ],
      find: [
        `select h.merchant_id, h.payment_id, null::timestamptz as at, format('it became %s at version %s (%s), and there is no event of it', h.status, h.version, h.event) as what
         from payment_history h
         join payments p on p.merchant_id = h.merchant_id and p.id = h.payment_id
         left join payment_history b on b.merchant_id = h.merchant_id and b.payment_id = h.payment_id and b.version = h.version - 1
         left join events e on e.merchant_id = h.merchant_id and e.payment_id = h.payment_id and e.version = h.version
         where h.status <> coalesce(b.status, 'processing') and h.status <> 'processing' and e.id is null
           and (h.version = 1 or b.status is not null)
           -- On the way to something that is told: a renewed authorization, the void or capture after a review.
           and h.event <> 'review_rejected' and not (h.event = 'review_approved' and p.capture_method = 'automatic')
           and not (h.event = 'reversal_acknowledged' and h.status = 'expired')`,
        `select e.merchant_id, e.payment_id, null::timestamptz as at, format('event %s (%s) is of version %s, which its history does not have', e.id, e.type, e.version) as what
         from events e left join payment_history h on h.merchant_id = e.merchant_id and h.payment_id = e.payment_id and h.version = e.version
         -- What is about no payment (an endpoint's test, a card verification) has no history.
         where h.version is null and e.payment_id is not null
           and not exists (select from archives a where a.parent = 'payment_history' and a.dropped_at is not null and e.payment_id collate "C" >= a.low and e.payment_id collate "C" < a.high)`,
        `select e.merchant_id, e.payment_id, null::timestamptz as at, format('event %s (%s) has no delivery to %s', e.id, e.type, w.id) as what
         from events e join webhook_endpoints w on w.merchant_id = e.merchant_id and w.mode = e.mode and w.enabled
           and (w.event_types = '{}' or e.type = any (w.event_types))
           -- Both moments are of clocks that may differ a little.
           and w.listens_since + interval '10 seconds' < e.created_at
         left join deliveries d on d.merchant_id = e.merchant_id and d.id = 'dlv_' || substr(e.id, 5) || '_' || substr(w.id, 5)
         -- A test, and what is told of an endpoint that fails, is not for every endpoint.
         where d.id is null and e.payment_id is not null`,
        `select d.merchant_id, e.payment_id, d.created_at as at, format('delivery %s has been %s since %s: nobody tries it that long', d.id, d.state, d.created_at) as what
         from deliveries d left join events e on e.merchant_id = d.merchant_id and e.id = d.event_id
         join webhook_endpoints w on w.merchant_id = d.merchant_id and w.id = d.endpoint_id
         where d.state in ('pending', 'retrying') and not w.ordered and d.created_at < clock_timestamp() - interval '5 days'`,
        `select d.merchant_id, e.payment_id, null::timestamptz as at, format('delivery %s has no event', d.id) as what
         from deliveries d left join events e on e.merchant_id = d.merchant_id and e.id = d.event_id where e.id is null`,
        `select d.merchant_id, e.payment_id, null::timestamptz as at, format('delivery %s is called delivered, and no attempt of it was answered 2xx', d.id) as what
         from deliveries d left join events e on e.merchant_id = d.merchant_id and e.id = d.event_id
         left join (select distinct merchant_id, delivery_id from delivery_attempts where response_status between 200 and 299 and error is null) t
           on t.merchant_id = d.merchant_id and t.delivery_id = d.id
         where d.state = 'delivered' and t.delivery_id is null`,
        ...(session.sources.receiverLog === null
          ? []
          : [
              `select d.merchant_id, e.payment_id, null::timestamptz as at, format('delivery %s is called delivered and never arrived', d.id) as what
               from deliveries d join events e on e.merchant_id = d.merchant_id and e.id = d.event_id
               where d.state = 'delivered' and d.merchant_id in (
                   select x.merchant_id from deliveries x join received r on r.webhook_id = x.id)
                 and not exists (select from received r where r.webhook_id = d.id)`,
              `select null::text as merchant_id, null::text as payment_id, r.at, format('%s arrived and is no delivery of ours', r.webhook_id) as what
               from received r where not exists (select from deliveries d where d.id = r.webhook_id)`,
            ]),
      ],
    }),
};

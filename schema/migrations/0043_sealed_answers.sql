-- Rotation goes through the answers that are kept sealed, which are few among all idempotency keys: in this
-- order (see activities/back-office/key-rotation/platform-keys.ts), and without reading the others.
--
-- Built here it keeps requests waiting while the table is read once. Where that is too long, build the same on
-- each partition first, outside of a transaction (`create index concurrently on idempotency_keys_p0 (…) where …`):
-- a partition's index that is there already is taken over, and this only notes it.
create index idempotency_keys_answers on idempotency_keys ((merchant_id || '/' || ('answer:' || mode || ':' || key)))
  where sealed_answer is not null;

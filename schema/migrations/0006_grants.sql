-- Who may do what. The roles exist before the first migration (they carry passwords).
--
-- api: reads, and adds requests. It cannot move a payment, post, or answer a command.
-- worker: moves payments through record_change alone; writes the attempts it sends and the deliveries
-- it makes. Neither can update or delete a posting, a transaction, an event or a line of history.
revoke all on all tables in schema public from public;
revoke all on all functions in schema public from public;
revoke create on schema public from public;
grant usage on schema public to quittance_api, quittance_worker;

grant select on all tables in schema public to quittance_api, quittance_worker;
-- Each reads the secrets of its own work alone: the api knows who asks, the worker signs what is told.
revoke select on api_keys from quittance_worker;
revoke select on webhook_endpoints from quittance_api;
grant execute on function payment_status to quittance_api, quittance_worker;

-- Column by column: what is asked, and nothing of what became of it. A command cannot come with its answer.
grant insert (merchant_id, id, mode, amount, currency, capture_method, partial_approval, staging_id, authorize_by, description,
              order_reference, customer_reference, ip_address, metadata) on payments to quittance_api;
grant insert (merchant_id, id, payment_id, kind, origin, operation_id, body) on commands to quittance_api;
grant insert on idempotency_keys to quittance_api;

grant update (next_number) on number_blocks to quittance_worker;
grant update (state, sends, sending_at, answered_at, outcome, response_code, approval_code, network_reference, approved_amount,
              settlement_date, remedy, avs_result, cvv_result, reason, late_answer) on attempts to quittance_worker;
-- An operator's request that comes through the workflow (a cancelled run) is a row like any other.
grant insert (merchant_id, id, payment_id, kind, origin, operation_id, body) on commands to quittance_worker;
grant update (state, attempts, leased_until, concluded_at) on deliveries to quittance_worker;
grant insert on delivery_attempts to quittance_worker;

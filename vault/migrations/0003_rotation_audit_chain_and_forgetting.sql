-- Rotation of the master key, the chain over the audit log, forgetting cards, and numeric tokens.

-- ---------------------------------------------------------------------------------------------------
-- Rotation: one at a time. Each step of it may be repeated; killed anywhere, it goes on from here.
CREATE TABLE vault.key_rotations (
  id               text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
  started_at       timestamptz NOT NULL DEFAULT now(),
  -- The writing master key before and after, as the key service names them.
  from_master_key  text,
  to_master_key    text,
  -- From then on no data key under another one is taken.
  turned_at        timestamptz,
  -- Wrapped keys that were re-wrapped so far.
  rewrapped        bigint NOT NULL DEFAULT 0,
  -- Nothing is wrapped by any other master key.
  finished_at      timestamptz,
  CONSTRAINT key_rotations_have_both_keys CHECK ((from_master_key IS NULL) = (to_master_key IS NULL)),
  CONSTRAINT key_rotations_in_order CHECK (
    (turned_at IS NULL OR to_master_key IS NOT NULL) AND (finished_at IS NULL OR turned_at IS NOT NULL)),
  CONSTRAINT key_rotations_to_another CHECK (from_master_key <> to_master_key)
);
CREATE UNIQUE INDEX key_rotations_one_open ON vault.key_rotations ((true)) WHERE finished_at IS NULL;

GRANT SELECT, INSERT (id) ON vault.key_rotations TO vault_app;
GRANT UPDATE (from_master_key, to_master_key, rewrapped, finished_at) ON vault.key_rotations TO vault_app;

-- Master keys that wrap nothing new any more.
CREATE TABLE vault.retired_master_keys (
  master_key  text PRIMARY KEY,
  rotation    text NOT NULL REFERENCES vault.key_rotations (id),
  retired_at  timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON vault.retired_master_keys TO vault_app;

-- A writer may have asked the key service before the rotation and come here after it: its key is refused
-- (it asks again), or is seen by the rotation. The table's lock leaves nothing in between.
CREATE FUNCTION vault.refuse_retired_master_key() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = vault, pg_temp AS $$
BEGIN
  LOCK TABLE retired_master_keys IN ROW SHARE MODE;
  PERFORM FROM retired_master_keys WHERE master_key = NEW.master_key;
  IF FOUND THEN
    RAISE EXCEPTION 'data key % is wrapped by %, which was retired', NEW.id, NEW.master_key
      USING ERRCODE = 'QK001', HINT = 'Ask the key service for another data key.';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER data_keys_not_under_retired BEFORE INSERT OR UPDATE OF master_key ON vault.data_keys
  FOR EACH ROW EXECUTE FUNCTION vault.refuse_retired_master_key();

CREATE FUNCTION vault.retire_master_keys(rotation text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = vault, pg_temp AS $$
DECLARE
  this key_rotations;
BEGIN
  LOCK TABLE retired_master_keys IN EXCLUSIVE MODE;
  SELECT * INTO this FROM key_rotations r WHERE r.id = retire_master_keys.rotation AND r.finished_at IS NULL;
  IF this.to_master_key IS NULL THEN
    RAISE EXCEPTION 'rotation % is not open, or has no new master key yet', rotation USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  INSERT INTO retired_master_keys (master_key, rotation)
  SELECT old, this.id FROM (SELECT this.from_master_key UNION SELECT master_key FROM data_keys) AS known (old)
   WHERE old <> this.to_master_key
  ON CONFLICT DO NOTHING;
  UPDATE key_rotations SET turned_at = coalesce(turned_at, now()) WHERE id = this.id;
END
$$;

-- The only way in which a wrapped key changes: to the open rotation's master key, from what was read.
CREATE FUNCTION vault.rewrap_data_key(key text, before bytea, master text, after bytea) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = vault, pg_temp AS $$
BEGIN
  PERFORM FROM key_rotations r WHERE r.finished_at IS NULL AND r.turned_at IS NOT NULL AND r.to_master_key = master;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no open rotation to % that data key % could be re-wrapped by', master, key
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  UPDATE data_keys d SET master_key = master, wrapped = after WHERE d.id = key AND d.wrapped = before AND d.master_key <> master;
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION vault.retire_master_keys, vault.rewrap_data_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.retire_master_keys, vault.rewrap_data_key TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- The audit log also says what was forgotten and destroyed.
ALTER TABLE vault.audit_log
  DROP CONSTRAINT audit_log_action_check,
  ALTER COLUMN payment DROP NOT NULL,
  ALTER COLUMN attempt DROP NOT NULL,
  ALTER COLUMN token DROP NOT NULL,
  -- Of a staged card that no payment took.
  ADD COLUMN staging text,
  -- Which transaction wrote the row: the order of sealing (schema/migrations/0007 says why ids cannot be).
  ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD CONSTRAINT audit_log_says_whose CHECK (CASE action
    WHEN 'detokenize' THEN num_nonnulls(payment, attempt, token) = 3 AND staging IS NULL
    -- The token is hidden from the merchant; its number is destroyed; a card that nobody took is destroyed.
    WHEN 'forget' THEN token IS NOT NULL AND num_nonnulls(payment, attempt, staging) = 0
    WHEN 'destroy' THEN token IS NOT NULL AND num_nonnulls(payment, attempt, staging) = 0
    WHEN 'destroy_staged' THEN staging IS NOT NULL AND num_nonnulls(payment, attempt, token) = 0
    WHEN 'alarm' THEN true
    ELSE false END);
CREATE INDEX audit_log_by_xact ON vault.audit_log (xact, id);

CREATE FUNCTION vault.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'vault.% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();

-- Seals of the audit log, each over the one before, as those of the ledger (schema/migrations/0007). The
-- head is published outside of this database.
CREATE TABLE vault.audit_seals (
  number     bigint PRIMARY KEY CHECK (number > 0),
  previous   bytea REFERENCES vault.audit_seals (seal),
  rows       integer NOT NULL CHECK (rows > 0),
  -- The bound of the batch: a row up to here that is in no seal was put in later, by a hand that is not ours.
  last_xact  xid8 NOT NULL,
  last_id    bigint NOT NULL,
  -- The hash over the hashes of its rows, in order.
  root       bytea NOT NULL CHECK (octet_length(root) = 32),
  seal       bytea NOT NULL UNIQUE CHECK (octet_length(seal) = 32),
  sealed_at  timestamptz NOT NULL,
  format     smallint NOT NULL CHECK (format = 1),
  CONSTRAINT audit_seals_do_not_fork UNIQUE NULLS NOT DISTINCT (previous),
  CHECK ((number = 1) = (previous IS NULL))
);
CREATE TABLE vault.audit_sealed (
  audit_id     bigint PRIMARY KEY,
  seal_number  bigint NOT NULL REFERENCES vault.audit_seals (number),
  position     integer NOT NULL CHECK (position >= 0),
  leaf         bytea NOT NULL CHECK (octet_length(leaf) = 32)
);
CREATE INDEX audit_sealed_by_seal ON vault.audit_sealed (seal_number);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.audit_sealed
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();

-- Seals the next batch; answers its seal, or no row when nothing is to be sealed. What is hashed of a row
-- (format 1) is all that is not null in it, as jsonb's own text: a column that is added later, and null in
-- older rows, leaves their hashes as they are. tools/audit/ says the same again and does not call this.
CREATE FUNCTION vault.seal_audit(at_most integer) RETURNS SETOF vault.audit_seals LANGUAGE plpgsql
SECURITY DEFINER SET search_path = vault, pg_temp SET timezone = 'UTC' SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  head audit_seals;
  sealed audit_seals;
  ended xid8;
  ids bigint[];
  leaves bytea[];
BEGIN
  -- One sealer at a time; writers and readers of the log do not wait.
  LOCK TABLE audit_seals IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO head FROM audit_seals ORDER BY number DESC LIMIT 1;
  ended := pg_snapshot_xmin(pg_current_snapshot());
  IF ended < head.last_xact THEN
    RAISE EXCEPTION 'seal % is of transaction % of PostgreSQL, and this server is only at %', head.number, head.last_xact, ended
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'The database was moved to a new server. Stop it and advance its numbers: pg_resetwal --epoch.';
  END IF;

  WITH batch AS MATERIALIZED (
    SELECT a.* FROM audit_log a
     WHERE a.xact < ended AND (head.number IS NULL OR (a.xact, a.id) > (head.last_xact, head.last_id))
     ORDER BY a.xact, a.id LIMIT at_most
  ), member AS (
    SELECT b.xact, b.id, sha256('\x00'::bytea || convert_to(jsonb_strip_nulls(to_jsonb(b))::text, 'UTF8')) AS leaf FROM batch b
  )
  SELECT array_agg(id ORDER BY xact, id), array_agg(leaf ORDER BY xact, id), count(*), max(xact),
         sha256('\x01'::bytea || string_agg(leaf, ''::bytea ORDER BY xact, id))
    INTO ids, leaves, sealed.rows, sealed.last_xact, sealed.root FROM member;
  IF leaves IS NULL THEN
    RETURN;
  END IF;

  sealed.number := coalesce(head.number, 0) + 1;
  sealed.previous := head.seal;
  sealed.last_id := ids[sealed.rows];
  sealed.sealed_at := clock_timestamp();
  sealed.format := 1;
  sealed.seal := sha256('\x02'::bytea || coalesce(sealed.previous, decode(repeat('00', 32), 'hex')) || convert_to(row(
    sealed.number, sealed.rows, sealed.last_xact, sealed.last_id, encode(sealed.root, 'hex'),
    extract(epoch FROM sealed.sealed_at), sealed.format)::text, 'UTF8'));
  INSERT INTO audit_seals SELECT sealed.*;
  INSERT INTO audit_sealed (audit_id, seal_number, position, leaf)
  SELECT m.id, sealed.number, m.place - 1, m.leaf FROM unnest(ids, leaves) WITH ORDINALITY AS m (id, leaf, place);
  RETURN NEXT sealed;
END
$$;
REVOKE ALL ON FUNCTION vault.seal_audit FROM PUBLIC;
-- The service seals by this function alone: it can neither choose what is sealed nor write a seal.
GRANT EXECUTE ON FUNCTION vault.seal_audit TO vault_app;
GRANT SELECT ON vault.audit_seals TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- Forgetting. A forgotten card has no fingerprint: nobody is given its token any more, and the same card
-- would get a new one; payments that have it keep it. A destroyed card is a token and three dates.
ALTER TABLE vault.cards
  ALTER COLUMN fingerprint DROP NOT NULL,
  ALTER COLUMN brand DROP NOT NULL,
  ALTER COLUMN bin DROP NOT NULL,
  ALTER COLUMN last_four DROP NOT NULL,
  ALTER COLUMN expiry_month DROP NOT NULL,
  ALTER COLUMN expiry_year DROP NOT NULL,
  ALTER COLUMN data_key DROP NOT NULL,
  ALTER COLUMN sealed DROP NOT NULL,
  -- When a payment took it last, to the day: one that is used often is not written each time.
  ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN forgotten_at timestamptz,
  ADD COLUMN destroyed_at timestamptz,
  ADD CONSTRAINT cards_whole_or_destroyed CHECK (
    CASE WHEN destroyed_at IS NULL
      THEN num_nulls(brand, bin, last_four, expiry_month, expiry_year, data_key, sealed) = 0
      ELSE num_nonnulls(fingerprint, brand, bin, last_four, expiry_month, expiry_year, data_key, sealed) = 0 AND forgotten_at IS NOT NULL
    END),
  ADD CONSTRAINT cards_found_unless_forgotten CHECK ((fingerprint IS NULL) = (forgotten_at IS NOT NULL));
GRANT UPDATE (last_used_at) ON vault.cards TO vault_app;
-- What waits to be forgotten, and to be destroyed.
CREATE INDEX cards_unused ON vault.cards (last_used_at) WHERE forgotten_at IS NULL;
CREATE INDEX cards_forgotten ON vault.cards (token) WHERE forgotten_at IS NOT NULL AND destroyed_at IS NULL;

ALTER TABLE vault.staged_cards ALTER COLUMN fingerprint DROP NOT NULL,
  ADD CONSTRAINT staged_cards_waiting_are_known CHECK (fingerprint IS NOT NULL OR payment IS NOT NULL);
CREATE INDEX staged_cards_by_token ON vault.staged_cards (token) WHERE token IS NOT NULL;

-- What a payment has taken stays with it; only what tells the card again can go.
CREATE OR REPLACE FUNCTION vault.keep_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.fingerprint IS NULL AND to_jsonb(NEW) - 'fingerprint' = to_jsonb(OLD) - 'fingerprint' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'staged card % belongs to payment % and can neither be given to another nor deleted', OLD.id, OLD.payment
    USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- Hides a token: true when it was there and not hidden yet.
CREATE FUNCTION vault.forget_card(of_merchant text, of_token text, by_caller text) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = vault, pg_temp AS $$
BEGIN
  UPDATE cards SET forgotten_at = now(), fingerprint = NULL
   WHERE merchant = of_merchant AND token = of_token AND forgotten_at IS NULL;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO audit_log (caller, action, merchant, token, granted, security_code) VALUES (by_caller, 'forget', of_merchant, of_token, true, false);
  RETURN true;
END
$$;

-- Destroys the number behind a forgotten token, if it was taken by just so many payments as the caller has
-- looked at. Answers 'destroyed', 'not_forgotten', 'in_use', 'gone' (destroyed before) or 'unknown'.
CREATE FUNCTION vault.destroy_card(of_merchant text, of_token text, looked_at bigint, by_caller text) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = vault, pg_temp AS $$
DECLARE
  card cards;
BEGIN
  SELECT * INTO card FROM cards WHERE merchant = of_merchant AND token = of_token FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 'unknown';
  ELSIF card.destroyed_at IS NOT NULL THEN
    RETURN 'gone';
  ELSIF card.forgotten_at IS NULL THEN
    RETURN 'not_forgotten';
  ELSIF (SELECT count(*) FROM staged_cards WHERE token = of_token) <> looked_at THEN
    RETURN 'in_use';
  END IF;
  UPDATE cards SET destroyed_at = now(), brand = NULL, bin = NULL, last_four = NULL, expiry_month = NULL, expiry_year = NULL,
    data_key = NULL, sealed = NULL WHERE token = of_token;
  UPDATE staged_cards SET fingerprint = NULL WHERE token = of_token AND fingerprint IS NOT NULL;
  DELETE FROM security_codes WHERE staging IN (SELECT id FROM staged_cards WHERE token = of_token);
  DELETE FROM numeric_tokens WHERE token = of_token;
  INSERT INTO audit_log (caller, action, merchant, token, granted, security_code) VALUES (by_caller, 'destroy', of_merchant, of_token, true, false);
  RETURN 'destroyed';
END
$$;
REVOKE ALL ON FUNCTION vault.forget_card, vault.destroy_card FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.forget_card, vault.destroy_card TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- A second name of a card, in the shape of a card number, for callers that can hold nothing else.
CREATE TABLE vault.numeric_tokens (
  -- No two merchants' cards have the same.
  numeric_token  text PRIMARY KEY CHECK (numeric_token ~ '^\d{16,19}$'),
  token          text NOT NULL UNIQUE REFERENCES vault.cards (token),
  -- First six digits, last four and length: among those it has to be told apart.
  cell           text NOT NULL CHECK (cell ~ '^\d{6}:\d{4}:\d{2}$'),
  created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX numeric_tokens_by_cell ON vault.numeric_tokens (cell);
CREATE INDEX cards_by_cell ON vault.cards ((left(bin, 6)), last_four);
CREATE INDEX staged_cards_waiting_by_cell ON vault.staged_cards ((left(bin, 6)), last_four) WHERE payment IS NULL;
GRANT SELECT, INSERT ON vault.numeric_tokens TO vault_app;

-- The vault's own database: the only place where card numbers are kept, and only encrypted.
--
-- Roles (made before, see the bootstrap of the stack): vault_owner owns and migrates, vault_app is the
-- vault service. Lock order, where a statement takes more than one row: cards, staged_cards, security_codes.

-- Nobody but the two roles of the vault may even connect: the application's roles are PUBLIC here.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO vault_app', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA vault;
GRANT USAGE ON SCHEMA vault TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- Wrapped data keys. Rows elsewhere name a key by id, so rotation re-wraps this table and nothing else.
-- No foreign key points here: each insert of a card would lock the one row all writers share. Instead the
-- service commits a key before it seals anything under it, and no role of the service may delete one.
CREATE TABLE vault.data_keys (
  id          text PRIMARY KEY CHECK (id ~ '^dk_[0-9a-hjkmnp-tv-z]{26}$'),
  -- What the key may seal; the key service checks it on unwrapping, so a swapped row does not unwrap.
  purpose     text NOT NULL CHECK (purpose IN ('card', 'staging', 'fingerprint')),
  -- The master key as the key service names it (never an alias, which can move).
  master_key  text NOT NULL CHECK (master_key <> ''),
  wrapped     bytea NOT NULL CHECK (octet_length(wrapped) >= 32),
  created_at  timestamptz NOT NULL DEFAULT now()
);
-- One fingerprint key for ever: a second one would give the same card a second token.
CREATE UNIQUE INDEX data_keys_one_fingerprint_key ON vault.data_keys (purpose) WHERE purpose = 'fingerprint';

GRANT SELECT, INSERT ON vault.data_keys TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- Cards by token. A token belongs to one merchant.
CREATE TABLE vault.cards (
  -- 26 characters of 5 random bits: 130 bits, nothing of the card in them.
  token         text PRIMARY KEY CHECK (token ~ '^card_[0-9a-hjkmnp-tv-z]{26}$'),
  merchant      text NOT NULL CHECK (merchant ~ '^mer_[0-9a-z]{26}$'),
  -- HMAC-SHA-256 over merchant and number, under the fingerprint key.
  fingerprint   text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  brand         text NOT NULL,
  bin           text NOT NULL CHECK (bin ~ '^(\d{6}|\d{8})$'),
  last_four     text NOT NULL CHECK (last_four ~ '^\d{4}$'),
  -- The latest expiry seen. A payment uses the one it was given: see staged_cards.
  expiry_month  smallint NOT NULL CHECK (expiry_month BETWEEN 1 AND 12),
  expiry_year   smallint NOT NULL CHECK (expiry_year BETWEEN 2000 AND 2099),
  -- The number, sealed for (merchant, token, data key): copied to another row it does not open.
  data_key      text NOT NULL,
  sealed        bytea NOT NULL CHECK (octet_length(sealed) > 29),
  created_at    timestamptz NOT NULL DEFAULT now(),
  -- Same card, same merchant: same token, however many ask at once.
  CONSTRAINT cards_one_token_per_card UNIQUE (merchant, fingerprint)
);

-- Only the expiry may change; the number behind a token never does.
GRANT SELECT, INSERT ON vault.cards TO vault_app;
GRANT UPDATE (expiry_month, expiry_year) ON vault.cards TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- Cards on their way from the API to a payment: one-time ids. Once taken the row keeps no number; it says
-- which payment has which token, and with which expiry.
CREATE TABLE vault.staged_cards (
  id               text PRIMARY KEY CHECK (id ~ '^stg_[0-9a-hjkmnp-tv-z]{26}$'),
  merchant         text NOT NULL CHECK (merchant ~ '^mer_[0-9a-z]{26}$'),
  idempotency_key  text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
  fingerprint      text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  brand            text NOT NULL,
  bin              text NOT NULL CHECK (bin ~ '^(\d{6}|\d{8})$'),
  last_four        text NOT NULL CHECK (last_four ~ '^\d{4}$'),
  expiry_month     smallint NOT NULL CHECK (expiry_month BETWEEN 1 AND 12),
  expiry_year      smallint NOT NULL CHECK (expiry_year BETWEEN 2000 AND 2099),
  data_key         text,
  sealed           bytea,
  payment          text CHECK (payment ~ '^pay_[0-9a-z]{26}$'),
  token            text REFERENCES vault.cards (token),
  staged_at        timestamptz NOT NULL DEFAULT now(),
  -- A request repeated after a lost answer finds the id it was given.
  CONSTRAINT staged_cards_one_per_request UNIQUE (merchant, idempotency_key, fingerprint, expiry_month, expiry_year),
  -- Waiting with a number, or taken without one: the number is in one place at a time.
  CONSTRAINT staged_cards_waiting_or_taken CHECK (
    (payment IS NULL AND token IS NULL AND data_key IS NOT NULL AND sealed IS NOT NULL)
    OR (payment IS NOT NULL AND token IS NOT NULL AND data_key IS NULL AND sealed IS NULL)
  )
);
-- A payment has one card for ever.
CREATE UNIQUE INDEX staged_cards_one_per_payment ON vault.staged_cards (merchant, payment) WHERE payment IS NOT NULL;
-- The sweeper looks only at those that wait.
CREATE INDEX staged_cards_waiting ON vault.staged_cards (staged_at) WHERE payment IS NULL;

-- One-time: what a payment has taken stays with it, and stays.
CREATE FUNCTION vault.keep_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'staged card % belongs to payment % and can neither be given to another nor deleted', OLD.id, OLD.payment
    USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER staged_cards_keep_taken BEFORE UPDATE OR DELETE ON vault.staged_cards
  FOR EACH ROW WHEN (OLD.payment IS NOT NULL) EXECUTE FUNCTION vault.keep_taken();

GRANT SELECT, INSERT, DELETE ON vault.staged_cards TO vault_app;
GRANT UPDATE (payment, token, data_key, sealed) ON vault.staged_cards TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- Security codes (CVV), each under a key of its own that lives and dies with the row.
CREATE TABLE vault.security_codes (
  staging     text PRIMARY KEY REFERENCES vault.staged_cards (id) ON DELETE CASCADE,
  merchant    text NOT NULL,
  -- The payment that took the staged card.
  payment     text,
  -- The code's own key, sealed under this data key.
  data_key    text NOT NULL,
  sealed_key  bytea NOT NULL,
  sealed      bytea NOT NULL,
  -- The one attempt that may have the code.
  attempt     text,
  -- Attempts proven unsent: they gave the lease back and are never leased it again, also not when a
  -- worker that was paused wakes up.
  released    text[] NOT NULL DEFAULT '{}',
  stored_at   timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  -- Whatever is configured, no code outlives an hour.
  CONSTRAINT security_codes_short_lived CHECK (expires_at <= stored_at + interval '1 hour'),
  -- Leased only to an attempt of a payment.
  CONSTRAINT security_codes_leased_by_payment CHECK (attempt IS NULL OR payment IS NOT NULL),
  CONSTRAINT security_codes_not_to_released CHECK (attempt IS NULL OR NOT attempt = ANY (released))
);
CREATE UNIQUE INDEX security_codes_one_per_payment ON vault.security_codes (merchant, payment) WHERE payment IS NOT NULL;
CREATE INDEX security_codes_expiry ON vault.security_codes (expires_at);

GRANT SELECT, INSERT, DELETE ON vault.security_codes TO vault_app;
GRANT UPDATE (payment, attempt, released) ON vault.security_codes TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- Who asked for a number, committed before it is returned. Append-only: the service can neither read,
-- change nor delete what it wrote.
CREATE TABLE vault.audit_log (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at             timestamptz NOT NULL DEFAULT clock_timestamp(),
  caller         text NOT NULL,
  action         text NOT NULL CHECK (action IN ('detokenize')),
  merchant       text NOT NULL,
  payment        text NOT NULL,
  token          text NOT NULL,
  attempt        text NOT NULL,
  -- False: there is no such card for that merchant and payment, and nothing was returned.
  granted        boolean NOT NULL,
  -- True when the security code went along.
  security_code  boolean NOT NULL,
  CONSTRAINT audit_log_code_only_if_granted CHECK (granted OR NOT security_code)
);

GRANT INSERT ON vault.audit_log TO vault_app;

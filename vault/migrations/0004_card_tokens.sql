-- Card tokens: what a merchant's page or app gets for a card, and a payment is made with, once.

-- ---------------------------------------------------------------------------------------------------
-- Who may ask for one. A publishable key stands in every page, so it is kept as it is: it only says for
-- whom a card is. The vault's own table, for the vault reads no other database; the owner writes it
-- (npm run ops:publishable-key), the service reads it.
CREATE TABLE vault.publishable_keys (
  key         text PRIMARY KEY CHECK (key ~ '^pk_(test|live)_[A-Za-z0-9]{24,64}$'),
  merchant    text NOT NULL CHECK (merchant ~ '^mer_[0-9a-z]{26}$'),
  mode        text NOT NULL CHECK (mode IN ('test', 'live')),
  -- Pages that may use it, scheme, host and port, exactly; none: no page may, an app may.
  origins     text[] NOT NULL DEFAULT '{}' CHECK (array_to_string(origins, ' ') !~ '[*"<>\\]'),
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz,
  -- The mode is told by the key itself.
  CONSTRAINT publishable_keys_mode CHECK (starts_with(key, 'pk_' || mode || '_'))
);
CREATE INDEX publishable_keys_origins ON vault.publishable_keys USING gin (origins) WHERE revoked_at IS NULL;

GRANT SELECT ON vault.publishable_keys TO vault_app;

-- ---------------------------------------------------------------------------------------------------
-- The card itself is a staged card like any other; this says who may have it, until when, and who has it.
CREATE TABLE vault.card_tokens (
  token       text PRIMARY KEY CHECK (token ~ '^ctok_[0-9a-hjkmnp-tv-z]{26}$'),
  staging     text NOT NULL UNIQUE REFERENCES vault.staged_cards (id) ON DELETE CASCADE,
  merchant    text NOT NULL CHECK (merchant ~ '^mer_[0-9a-z]{26}$'),
  mode        text NOT NULL CHECK (mode IN ('test', 'live')),
  expires_at  timestamptz NOT NULL,
  -- The one request that has it: a repeat of it finds the card again, no other ever does.
  claimed_by  text,
  claimed_at  timestamptz,
  CONSTRAINT card_tokens_claimed_whole CHECK ((claimed_by IS NULL) = (claimed_at IS NULL))
);
CREATE INDEX card_tokens_unclaimed ON vault.card_tokens (expires_at) WHERE claimed_by IS NULL;

CREATE FUNCTION vault.keep_claimed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'card token % was used by another request and cannot be given to a second', OLD.token
    USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER card_tokens_keep_claimed BEFORE UPDATE ON vault.card_tokens
  FOR EACH ROW WHEN (OLD.claimed_by IS NOT NULL AND OLD.claimed_by IS DISTINCT FROM NEW.claimed_by)
  EXECUTE FUNCTION vault.keep_claimed();

GRANT SELECT, INSERT ON vault.card_tokens TO vault_app;
GRANT UPDATE (claimed_by, claimed_at) ON vault.card_tokens TO vault_app;
-- The code's time begins again when a payment claims it; security_codes_short_lived bounds it all the same.
GRANT UPDATE (expires_at) ON vault.security_codes TO vault_app;

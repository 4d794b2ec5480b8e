-- Grants: detokenizing takes a signed grant that is bound to one attempt (docs/decisions/013-grants.md).
-- The signature says that the attempt's row was there; this says when the attempt needs no number any more.

-- Attempts that are over for the vault: answered, or proven unsent and given back. Whatever grant is
-- shown for them, now or by somebody who kept one, they get nothing more.
CREATE TABLE vault.spent_attempts (
  merchant  text NOT NULL CHECK (merchant ~ '^mer_[0-9a-z]{26}$'),
  attempt   text NOT NULL,
  payment   text NOT NULL CHECK (payment ~ '^pay_[0-9a-z]{26}$'),
  how       text NOT NULL CHECK (how IN ('answered', 'released')),
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (merchant, attempt)
);
-- What is spent stays spent.
GRANT SELECT, INSERT ON vault.spent_attempts TO vault_app;

-- The audit log says as well which grant was shown and why nothing was returned. An alarm (action 'alarm')
-- is a line of it too; it is about a caller or a merchant, and what does not apply is the empty text.
ALTER TABLE vault.audit_log
  ADD COLUMN account text,
  ADD COLUMN purpose text,
  -- The process that signed the grant; null where no signature was proven.
  ADD COLUMN signer  text,
  -- The problem that the caller was told; null = granted, or written before there were grants.
  ADD COLUMN refusal text,
  DROP CONSTRAINT audit_log_action_check,
  ADD CONSTRAINT audit_log_action_check CHECK (action IN ('detokenize', 'alarm')),
  ADD CONSTRAINT audit_log_refused_or_granted CHECK (refusal IS NULL OR NOT granted);

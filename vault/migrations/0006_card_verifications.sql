-- A staged card can be taken by a card verification as it is by a payment: what stands in a column named
-- payment is then the verification's id. Whatever holds of a payment holds of it: one card for ever, one
-- security code, grants and audit lines under its name.
ALTER TABLE vault.staged_cards
  DROP CONSTRAINT staged_cards_payment_check,
  ADD CONSTRAINT staged_cards_payment_check CHECK (payment ~ '^(pay|ver)_[0-9a-z]{26}$');
ALTER TABLE vault.spent_attempts
  DROP CONSTRAINT spent_attempts_payment_check,
  ADD CONSTRAINT spent_attempts_payment_check CHECK (payment ~ '^(pay|ver)_[0-9a-z]{26}$');

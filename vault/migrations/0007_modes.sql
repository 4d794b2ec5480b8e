-- Live or test is part of a card (payment-rules 18): a test key never pays with a live card, nor the other
-- way round. The fingerprint of a test card is another one than that of the same number in live mode
-- (fingerprint.ts), so that one merchant's card has one token in each mode; what is unique stays as it is.
--
-- Rows that are here already become live, whoever entered them: nothing in this database says their mode,
-- their fingerprints are those of live cards, and this is the side on which a mistake lets no test key at a
-- live card. A test card that was stored before is entered once more. The default also serves a vault of
-- the version before, which may still be writing while this is applied.
ALTER TABLE vault.staged_cards ADD COLUMN mode text NOT NULL DEFAULT 'live' CHECK (mode IN ('test', 'live'));
ALTER TABLE vault.cards ADD COLUMN mode text NOT NULL DEFAULT 'live' CHECK (mode IN ('test', 'live'));

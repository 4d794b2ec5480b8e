-- "My stored cards, newest first." What is forgotten is in no list.
CREATE INDEX cards_listed ON vault.cards (merchant, mode, created_at, token) WHERE forgotten_at IS NULL;

-- Publishable keys are made, rolled and revoked by merchants at the api, which tells the vault: it stays
-- the one that knows them when a page calls. A key that is rolled has an end that lies ahead.
GRANT INSERT (key, merchant, mode, origins, revoked_at), UPDATE (origins, revoked_at) ON vault.publishable_keys TO vault_app;

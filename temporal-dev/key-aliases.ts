export const KMS_REGION = 'eu-west-1';
/** Master key of the vault's data keys. */
export const VAULT_KEY_ALIAS = 'alias/quittance-vault';
/** Master key of every other process's data keys. */
export const PLATFORM_KEY_ALIAS = 'alias/quittance-platform';

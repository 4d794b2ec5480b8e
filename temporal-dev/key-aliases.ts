export const KMS_REGION = 'eu-west-1';
/** Master key of the vault's data keys. */
export const VAULT_KEY_ALIAS = 'alias/quittance-vault';
/** Master key of every other process's data keys. */
export const PLATFORM_KEY_ALIAS = 'alias/quittance-platform';
/** Key pair that certifies the keys for grants. */
export const GRANT_KEY_ALIAS = 'alias/quittance-grants';
/** What the emulator has from its first start on, and of which kind each is. */
export const SEEDED_KEYS = {
  [VAULT_KEY_ALIAS]: 'SYMMETRIC_DEFAULT',
  [PLATFORM_KEY_ALIAS]: 'SYMMETRIC_DEFAULT',
  [GRANT_KEY_ALIAS]: 'ECC_NIST_P256',
} as const;

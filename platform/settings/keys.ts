import { positive, setting, text, url, type Setting } from './setting.ts';

/** The key service and the data keys that come from it. */
export const KEYS_SETTINGS = {
  kmsEndpoint: setting(
    'QUITTANCE_KMS_ENDPOINT',
    url,
    'URL',
    'Where the AWS KMS client calls. In production the regional endpoint; here the emulator.',
  ),
  kmsRegion: setting(
    'QUITTANCE_KMS_REGION',
    text,
    'AWS region',
    'Region the KMS client signs for.',
    'eu-west-1',
  ),
  kmsKeyId: setting(
    'QUITTANCE_KMS_KEY_ID',
    text,
    'key id or alias',
    'Master key that wraps the data keys of this process.',
  ),
  kmsAccessKeyId: setting(
    'QUITTANCE_KMS_ACCESS_KEY_ID',
    text.nullable(),
    'AWS access key id',
    'With its secret: the credentials of the KMS client. Empty = the AWS client looks for its own (role of the machine).',
    '',
  ),
  kmsSecretAccessKey: setting(
    'QUITTANCE_KMS_SECRET_ACCESS_KEY',
    text.nullable(),
    'AWS secret access key',
    'Belongs to the access key id.',
    '',
    true,
  ),
  dataKeyMaxAgeMs: setting(
    'QUITTANCE_DATA_KEY_MAX_AGE_MS',
    positive,
    'ms',
    'A cached data key older than this is asked of the KMS again, and a new one is taken for writing.',
    '3600000',
  ),
  dataKeyMaxUses: setting(
    'QUITTANCE_DATA_KEY_MAX_USES',
    positive,
    'count',
    'A new data key is taken for writing after this many encryptions. Far below the 2^32 that random nonces allow.',
    '100000',
  ),
  dataKeyGraceMs: setting(
    'QUITTANCE_DATA_KEY_GRACE_MS',
    positive,
    'ms',
    'How long a cached data key may still be used beyond its age while the KMS does not answer.',
    '14400000',
  ),
} as const satisfies Record<string, Setting<unknown>>;

import { z } from 'zod';
import { setting, text, url, type Setting } from './setting.ts';

/** Where the histories of finished payments are kept when Temporal forgets them. */
export const HISTORY_EXPORT_SETTINGS = {
  historyExportFolder: setting(
    'QUITTANCE_HISTORY_EXPORT_FOLDER',
    text.nullable(),
    'folder',
    'Where the back office keeps the histories of finished payments when Temporal forgets them, unless a bucket is named. On a disk of its own, or mounted from elsewhere: a copy beside Temporal’s database is lost with it.',
    '',
  ),
  historyExportBucket: setting(
    'QUITTANCE_HISTORY_EXPORT_BUCKET',
    text.nullable(),
    'name',
    'The bucket of S3, or of whatever speaks its protocol and knows conditional writes, where they are kept instead of in a folder. Empty = in the folder.',
    '',
  ),
  historyExportEndpoint: setting(
    'QUITTANCE_HISTORY_EXPORT_ENDPOINT',
    url.nullable(),
    'URL',
    'Where the S3 client calls for that bucket. Empty = AWS, in the region.',
    '',
  ),
  historyExportRegion: setting(
    'QUITTANCE_HISTORY_EXPORT_REGION',
    text,
    'AWS region',
    'Region the S3 client signs for.',
    'eu-west-1',
  ),
  historyExportPrefix: setting(
    'QUITTANCE_HISTORY_EXPORT_PREFIX',
    z
      .string()
      .regex(/^[A-Za-z0-9/._-]+\/$/, 'it must end with a stroke')
      .nullable(),
    'prefix/',
    'What the names of the objects begin with, as histories/.',
    '',
  ),
  historyExportAccessKeyId: setting(
    'QUITTANCE_HISTORY_EXPORT_ACCESS_KEY_ID',
    text.nullable(),
    'AWS access key id',
    'With its secret: the credentials of the S3 client; they need GetObject and PutObject, and ListBucket. Empty = the AWS client looks for its own (role of the machine).',
    '',
  ),
  historyExportSecretAccessKey: setting(
    'QUITTANCE_HISTORY_EXPORT_SECRET_ACCESS_KEY',
    text.nullable(),
    'AWS secret access key',
    'Belongs to the access key id.',
    '',
    true,
  ),
  historyExportPathStyle: setting(
    'QUITTANCE_HISTORY_EXPORT_PATH_STYLE',
    z.enum(['true', 'false']).transform((value) => value === 'true'),
    'true|false',
    'Whether the bucket is a part of the path instead of the host’s name: most servers that are not AWS.',
    'false',
  ),
  historyExportEncryption: setting(
    'QUITTANCE_HISTORY_EXPORT_ENCRYPTION',
    z.enum(['AES256', 'aws:kms']).nullable(),
    'AES256|aws:kms',
    'What the server seals the objects with, beside our own sealing of what is in them. Empty = as the bucket says.',
    '',
  ),
} as const satisfies Record<string, Setting<unknown>>;

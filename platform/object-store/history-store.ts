import type { Config } from '../config.ts';
import type { historyStore } from '../process-settings.ts';
import { createFolderStore } from './folder-store.ts';
import type { ObjectStore } from './object-store.ts';
import { createS3Store } from './s3-store.ts';

export type HistoryStoreSettings = Config<(typeof historyStore)[number]>;

/** The store that a process's settings name: a bucket, else a folder; null = nobody said where. */
export function historyStoreOf(config: HistoryStoreSettings): ObjectStore | null {
  const { historyExportBucket: bucket, historyExportFolder: folder } = config;
  if (bucket === null) return folder === null ? null : createFolderStore(folder);
  const { historyExportAccessKeyId: accessKeyId, historyExportSecretAccessKey: secretAccessKey } = config;
  return createS3Store({
    endpoint: config.historyExportEndpoint,
    region: config.historyExportRegion,
    bucket,
    prefix: config.historyExportPrefix ?? '',
    credentials: accessKeyId === null || secretAccessKey === null ? null : { accessKeyId, secretAccessKey },
    pathStyle: config.historyExportPathStyle,
    encryption: config.historyExportEncryption,
  });
}

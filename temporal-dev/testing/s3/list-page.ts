import { S3Error } from './error.ts';

const PAGE_MAX = 1_000;

/** The answer to ListObjectsV2: one page of keys in the order of their bytes, and how to ask for the next. */
export function listPage(
  bucket: string,
  objects: ReadonlyMap<string, { readonly bytes: Uint8Array }>,
  query: URLSearchParams,
): string {
  const prefix = query.get('prefix') ?? '';
  const asked = Number(query.get('max-keys') ?? PAGE_MAX);
  if (!Number.isInteger(asked) || asked < 0) throw new S3Error('InvalidArgument', 'max-keys is no number');
  const size = Math.min(asked, PAGE_MAX);
  const token = query.get('continuation-token');
  const after = token === null ? '' : Buffer.from(token, 'base64url').toString();
  if (token !== null && !objects.has(after))
    throw new S3Error('InvalidArgument', 'the continuation token provided is incorrect');
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0);
  const page = keys.slice(0, size);
  const next = keys.length > page.length ? page.at(-1) : undefined;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>${escape(bucket)}</Name><Prefix>${escape(prefix)}</Prefix><MaxKeys>${size}</MaxKeys>`,
    `<KeyCount>${page.length}</KeyCount><IsTruncated>${next !== undefined}</IsTruncated>`,
    ...page.map(
      (key) =>
        `<Contents><Key>${escape(key)}</Key><Size>${objects.get(key)?.bytes.byteLength ?? 0}</Size></Contents>`,
    ),
    next === undefined
      ? ''
      : `<NextContinuationToken>${Buffer.from(next).toString('base64url')}</NextContinuationToken>`,
    '</ListBucketResult>',
  ].join('');
}

const escape = (text: string): string =>
  text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);

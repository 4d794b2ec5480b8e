import { checkCursor, isFound } from '../lists/cursor.ts';
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { urlFault } from '../../activities/webhooks/egress.ts';
import { newId } from '../../platform/new-id.ts';
import type { Credential } from '../auth/api-key.ts';
import { pageOf } from '../ledger/page.ts';
import { KeysetQuery } from '../lists/keyset.ts';
import type { Secrets } from '../managed.ts';
import { olderVersion } from '../../workflows/domain/api-versions.ts';
import { invalidFields, Problem } from '../problem.ts';
import type { ListEndpoints } from '../schemas/webhooks.ts';
import { NEWEST } from '../versions.ts';

type Database = Pick<pg.Pool, 'query'>;

interface EndpointRow {
  id: string;
  mode: 'test' | 'live';
  url: string;
  description: string | null;
  event_types: string[];
  enabled: boolean;
  disabled_reason: 'failing' | null;
  failing_since: Date | null;
  api_version: string;
  ordered: boolean;
  created_at: Date;
  previous_until: Date | null;
}

export interface EndpointWish {
  readonly url?: string | undefined;
  readonly event_types?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly api_version?: string | undefined;
  readonly ordered?: boolean | undefined;
}

const COLUMNS = `id, mode, url, description, event_types, enabled, disabled_reason, failing_since, api_version, ordered, created_at,
  case when previous_until > clock_timestamp() then previous_until end as previous_until`;
const ENDPOINTS_MAX = 20;

/** The same words whether it does not exist, is another merchant's, or is of the other mode. */
export function endpointNotFound(): Problem {
  return new Problem(
    'webhook_endpoint_not_found',
    'no webhook endpoint with this id belongs to this key: check the id, and whether the key is for test or live',
  );
}

/** @throws Problem when events are never sent to such a URL; whether its name may be sent to is judged at each attempt. */
export function refuseUrl(url: string | undefined, allowPrivate: boolean): void {
  const fault = url === undefined ? null : urlFault(url, allowPrivate);
  if (fault !== null)
    throw invalidFields([{ code: 'webhook_url_refused', param: '/url', detail: `/url ${fault}` }]);
}

/** A secret as Standard Webhooks has them: 32 random bytes. */
const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** A new endpoint with its secret. @throws Problem when there are too many. */
export async function createEndpoint(
  client: Database,
  secrets: Secrets,
  { merchant, mode }: Credential,
  {
    url = '',
    event_types: types = [],
    description = null,
    enabled = true,
    api_version: version = NEWEST,
    ordered = false,
  }: Omit<EndpointWish, 'description'> & { readonly description?: string | null },
): Promise<Record<string, unknown>> {
  const id = newId('whe');
  const secret = newSecret();
  const { rows } = await client.query<EndpointRow>({
    name: 'create_endpoint',
    text: `insert into webhook_endpoints (merchant_id, id, mode, url, sealed_secret, enabled, event_types, description, api_version, ordered)
           select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
           where (select count(*) from webhook_endpoints where merchant_id = $1 and mode = $3) < ${ENDPOINTS_MAX}
           returning ${COLUMNS}`,
    values: [
      merchant,
      id,
      mode,
      url,
      await secrets.seal({ merchant, id }, secret),
      enabled,
      types,
      description,
      version,
      ordered,
    ],
  });
  const [row] = rows;
  if (row === undefined)
    throw new Problem(
      'webhook_endpoint_limit',
      `there are ${ENDPOINTS_MAX} webhook endpoints in this mode: delete one that is not needed`,
    );
  return { ...onWire(row), secret };
}

/** What is not wished for stays; one that is enabled again, or gets another URL, has not failed yet. @throws Problem `webhook_endpoint_not_found` */
export async function updateEndpoint(
  client: Database,
  { merchant, mode }: Credential,
  id: string,
  { url, event_types: types, description, enabled, api_version: version, ordered }: EndpointWish,
): Promise<Record<string, unknown>> {
  const { rows } = await client.query<EndpointRow>({
    name: 'update_endpoint',
    text: `update webhook_endpoints set url = coalesce($4, url), event_types = coalesce($5, event_types),
             description = coalesce($6, description), enabled = coalesce($7, enabled),
             api_version = coalesce($8, api_version), ordered = coalesce($9, ordered)
           where merchant_id = $1 and mode = $2 and id = $3 returning ${COLUMNS}`,
    values: [
      merchant,
      mode,
      id,
      url ?? null,
      types ?? null,
      description ?? null,
      enabled ?? null,
      version ?? null,
      ordered ?? null,
    ],
  });
  return onWire(found(rows));
}

/** A new secret; the one before signs beside it while they overlap. @throws Problem `webhook_endpoint_not_found` */
export async function rollSecret(
  client: Database,
  secrets: Secrets,
  credential: Credential,
  id: string,
  overlapSeconds: number,
): Promise<Record<string, unknown>> {
  const { merchant, mode } = credential;
  const secret = newSecret();
  await client.query({
    name: 'roll_webhook_secret',
    text: `select roll_webhook_secret($1, $2, $3, $4, $5 * interval '1 second')`,
    values: [merchant, mode, id, await secrets.seal({ merchant, id }, secret), overlapSeconds],
  });
  return { ...(await readEndpoint(client, credential, id)), secret };
}

/** @throws Problem `webhook_endpoint_not_found` */
export async function readEndpoint(
  database: Database,
  { merchant, mode }: Credential,
  id: string,
): Promise<Record<string, unknown>> {
  const { rows } = await database.query<EndpointRow>({
    name: 'read_endpoint',
    text: `select ${COLUMNS} from webhook_endpoints where merchant_id = $1 and mode = $2 and id = $3`,
    values: [merchant, mode, id],
  });
  return onWire(found(rows));
}

/** Gone at once; what was on its way to it ends within seconds. @throws Problem `webhook_endpoint_not_found` */
export async function deleteEndpoint(
  database: Database,
  { merchant, mode }: Credential,
  id: string,
): Promise<void> {
  const { rowCount } = await database.query({
    name: 'delete_endpoint',
    text: 'delete from webhook_endpoints where merchant_id = $1 and mode = $2 and id = $3',
    values: [merchant, mode, id],
  });
  if (rowCount !== 1) throw endpointNotFound();
}

/** One page of the merchant's endpoints, newest first. @throws Problem when the cursor is none of them. */
export async function listEndpoints(
  database: Database,
  credential: Credential,
  wish: ListEndpoints,
): Promise<Record<string, unknown>> {
  await checkCursor(wish, 'webhook endpoint that belongs to this key', (cursor) =>
    isFound(readEndpoint(database, credential, cursor)),
  );
  const query = new KeysetQuery('id');
  query.equal('merchant_id', credential.merchant);
  query.equal('mode', credential.mode);
  const { rows } = await database.query<EndpointRow>(query.page(COLUMNS, 'webhook_endpoints', wish));
  return pageOf(wish, rows, onWire);
}

function found([row]: readonly EndpointRow[]): EndpointRow {
  if (row === undefined) throw endpointNotFound();
  return row;
}

function onWire(row: EndpointRow): Record<string, unknown> {
  const old = olderVersion(row.api_version);
  return {
    id: row.id,
    object: 'webhook_endpoint',
    mode: row.mode,
    url: row.url,
    description: row.description,
    event_types: row.event_types,
    enabled: row.enabled,
    disabled_reason: row.enabled ? null : (row.disabled_reason ?? 'merchant'),
    failing_since: row.failing_since?.toISOString() ?? null,
    api_version: row.api_version,
    ordered: row.ordered,
    deprecated: old?.deprecated.toISOString() ?? null,
    sunset: old?.sunset.toISOString() ?? null,
    created: row.created_at.toISOString(),
    previous_secret_until: row.previous_until?.toISOString() ?? null,
  };
}

import type { Authenticator } from '../auth/api-key.ts';
import type { Call, Reply, Route } from '../call.ts';
import { jsonReply } from '../json-reply.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route } from '../contract/route.ts';
import * as keys from '../keys/keys.ts';
import { manageOnce, type BeforeCommit, type ManagedOptions } from '../managed.ts';
import * as schemas from '../schemas/api-keys.ts';
import type { VaultStage } from '../vault.ts';
import { isId } from '../../workflows/domain/ids.ts';

export interface ApiKeyRoutesOptions extends ManagedOptions {
  /** Keys the hashes under which keys are found. */
  readonly keySecret: string;
  readonly vault: Pick<VaultStage, 'publish'>;
  readonly authenticator: Pick<Authenticator, 'forget'>;
}

const KEYS = { tag: 'Keys', scope: 'admin' } as const;
const PATH = '/v1/api-keys';
const ONE = `${PATH}/:key`;
const KEY = { description: 'The key.', schema: COMPONENTS.ApiKey };
const WITH_TEXT = {
  description: 'The key with its text; that of a secret key is in no other answer.',
  schema: COMPONENTS.ApiKeyWithText,
};

/** Who may call in a merchant's name. */
export function apiKeyRoutes(options: ApiKeyRoutesOptions): readonly Route[] {
  const { database, keySecret, vault, authenticator } = options;
  const publishing =
    (beforeCommit: BeforeCommit): keys.Publish =>
    (request) => {
      beforeCommit(() => vault.publish(request));
    };
  /** What was remembered of it here is not true any more. */
  const changed = (call: Call, reply: Reply): Reply => {
    authenticator.forget(call.params['key'] ?? '');
    return reply;
  };
  return [
    route({
      ...KEYS,
      method: 'POST',
      path: PATH,
      id: 'createApiKey',
      summary: 'Create an API key',
      description:
        'Of your merchant and mode, with at most the scopes of the key that asks. The text of a secret key is shown once; a repeat of the request shows it again. Without `version` it is pinned to that of the request.',
      body: {
        name: 'CreateApiKey',
        schema: schemas.createApiKey,
        example: { name: 'shop', scopes: ['read', 'payments'], ip_allow_list: ['192.0.2.0/24'] },
      },
      answers: { 201: WITH_TEXT },
      problems: ['scope_exceeded', 'api_key_limit'],
      handle: (call) =>
        manageOnce(options, call, 201, (client, beforeCommit) =>
          keys.createKey(client, keySecret, publishing(beforeCommit), call.credential, {
            ...call.body,
            version: call.body.version ?? call.version,
          }),
        ),
    }),
    route({
      ...KEYS,
      method: 'GET',
      path: PATH,
      id: 'listApiKeys',
      summary: 'List API keys',
      description: 'Newest first, those that are revoked as well.',
      query: schemas.listApiKeys,
      answers: { 200: { description: 'A page of keys.', schema: COMPONENTS.ApiKeyList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await keys.listKeys(database, credential, parameters)),
    }),
    route({
      ...KEYS,
      method: 'GET',
      path: ONE,
      id: 'getApiKey',
      summary: 'Get an API key',
      description: 'A secret key without its text.',
      answers: { 200: KEY },
      problems: ['api_key_not_found'],
      handle: async (call) => jsonReply(await keys.readKey(database, call.credential, keyOf(call))),
    }),
    route({
      ...KEYS,
      method: 'POST',
      path: ONE,
      id: 'updateApiKey',
      summary: 'Change an API key',
      description: 'Its name, and where it may be used from. What is not sent stays. Holds within 3 seconds.',
      body: {
        name: 'UpdateApiKey',
        schema: schemas.updateApiKey,
        example: { ip_allow_list: ['192.0.2.0/24', '2001:db8::/32'] },
      },
      answers: { 200: KEY },
      problems: ['api_key_not_found', 'api_key_revoked'],
      handle: async (call) =>
        changed(
          call,
          await manageOnce(options, call, 200, (client, beforeCommit) =>
            keys.updateKey(client, publishing(beforeCommit), call.credential, keyOf(call), call.body),
          ),
        ),
    }),
    route({
      ...KEYS,
      method: 'POST',
      path: `${ONE}/roll`,
      id: 'rollApiKey',
      summary: 'Give it another text',
      description:
        'While the two overlap both are good. A key that is rolled again while it overlaps ends the oldest.',
      body: { name: 'RollApiKey', schema: schemas.rollApiKey, example: { overlap_seconds: 86_400 } },
      answers: { 200: WITH_TEXT },
      problems: ['api_key_not_found', 'api_key_revoked', 'scope_exceeded'],
      handle: async (call) =>
        changed(
          call,
          await manageOnce(options, call, 200, (client, beforeCommit) =>
            keys.rollKey(
              client,
              keySecret,
              publishing(beforeCommit),
              call.credential,
              keyOf(call),
              call.body.overlap_seconds,
            ),
          ),
        ),
    }),
    route({
      ...KEYS,
      method: 'POST',
      path: `${ONE}/revoke`,
      id: 'revokeApiKey',
      summary: 'Revoke an API key',
      description:
        'For good, and at the latest 3 seconds later everywhere. A key may revoke itself. Revoked again it stays as it is.',
      body: { name: 'RevokeApiKey', schema: schemas.revokeApiKey, example: {} },
      answers: { 200: KEY },
      problems: ['api_key_not_found'],
      handle: async (call) =>
        changed(
          call,
          await manageOnce(options, call, 200, (client, beforeCommit) =>
            keys.revokeKey(client, publishing(beforeCommit), call.credential, keyOf(call)),
          ),
        ),
    }),
  ];
}

function keyOf({ params }: Call): string {
  const id = params['key'] ?? '';
  if (!isId('key', id)) throw keys.keyNotFound();
  return id;
}

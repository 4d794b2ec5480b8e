import type { Authenticator } from '../auth/api-key.ts';
import type { Call, Reply, Route } from '../call.ts';
import { jsonReply } from '../json-reply.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route } from '../contract/route.ts';
import { manageOnce, type ManagedOptions } from '../managed.ts';
import * as clients from '../oauth/clients.ts';
import * as schemas from '../schemas/oauth-clients.ts';
import { isId } from '../../workflows/domain/ids.ts';

export interface OAuthClientRoutesOptions extends ManagedOptions {
  /** Keys the hashes under which secrets are found. */
  readonly keySecret: string;
  readonly authenticator: Pick<Authenticator, 'forget'>;
}

const KEYS = { tag: 'Keys', scope: 'admin' } as const;
const PATH = '/v1/oauth-clients';
const ONE = `${PATH}/:client`;
const CLIENT = { description: 'The client.', schema: COMPONENTS.OAuthClient };
const WITH_SECRET = {
  description: 'The client with its secret, which is in no other answer.',
  schema: COMPONENTS.OAuthClientWithSecret,
};

/** Who may get access tokens in a merchant's name. */
export function oauthClientRoutes(options: OAuthClientRoutesOptions): readonly Route[] {
  const { database, keySecret, authenticator } = options;
  /** What was remembered of its tokens here is not true any more. */
  const changed = (call: Call, reply: Reply): Reply => {
    authenticator.forget(call.params['client'] ?? '');
    return reply;
  };
  return [
    route({
      ...KEYS,
      method: 'POST',
      path: PATH,
      id: 'createOAuthClient',
      summary: 'Create an OAuth client',
      description:
        'Of your merchant and mode, with at most the scopes of the key that asks. It exchanges `id` and `client_secret` for access tokens at `POST /v1/oauth/token`, which are taken wherever a secret key is. The secret is shown once; a repeat of the request shows it again.',
      body: {
        name: 'CreateOAuthClient',
        schema: schemas.createOAuthClient,
        example: { name: 'platform', scopes: ['read', 'payments'] },
      },
      answers: { 201: WITH_SECRET },
      problems: ['scope_exceeded', 'oauth_client_limit'],
      handle: (call) =>
        manageOnce(options, call, 201, (client) =>
          clients.createClient(client, keySecret, call.credential, {
            ...call.body,
            version: call.body.version ?? call.version,
          }),
        ),
    }),
    route({
      ...KEYS,
      method: 'GET',
      path: PATH,
      id: 'listOAuthClients',
      summary: 'List OAuth clients',
      description: 'Newest first, those that are revoked as well.',
      query: schemas.listOAuthClients,
      answers: { 200: { description: 'A page of clients.', schema: COMPONENTS.OAuthClientList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await clients.listClients(database, credential, parameters)),
    }),
    route({
      ...KEYS,
      method: 'GET',
      path: ONE,
      id: 'getOAuthClient',
      summary: 'Get an OAuth client',
      description: 'Without its secret.',
      answers: { 200: CLIENT },
      problems: ['oauth_client_not_found'],
      handle: async (call) => jsonReply(await clients.readClient(database, call.credential, clientOf(call))),
    }),
    route({
      ...KEYS,
      method: 'POST',
      path: ONE,
      id: 'updateOAuthClient',
      summary: 'Change an OAuth client',
      description:
        'Its name, its version, and where it and its tokens may be used from. What is not sent stays. Holds within 3 seconds, for tokens that it has as well.',
      body: {
        name: 'UpdateOAuthClient',
        schema: schemas.updateOAuthClient,
        example: { ip_allow_list: ['192.0.2.0/24'] },
      },
      answers: { 200: CLIENT },
      problems: ['oauth_client_not_found', 'oauth_client_revoked'],
      handle: async (call) =>
        changed(
          call,
          await manageOnce(options, call, 200, (client) =>
            clients.updateClient(client, call.credential, clientOf(call), call.body),
          ),
        ),
    }),
    route({
      ...KEYS,
      method: 'POST',
      path: `${ONE}/roll`,
      id: 'rollOAuthClient',
      summary: 'Give it another secret',
      description:
        'While the two overlap both get tokens. Tokens that were given out stay good until they end, at most ten minutes: revoke the client to end them at once.',
      body: {
        name: 'RollOAuthClient',
        schema: schemas.rollOAuthClient,
        example: { overlap_seconds: 86_400 },
      },
      answers: { 200: WITH_SECRET },
      problems: ['oauth_client_not_found', 'oauth_client_revoked', 'scope_exceeded'],
      handle: (call) =>
        manageOnce(options, call, 200, (client) =>
          clients.rollClient(client, keySecret, call.credential, clientOf(call), call.body.overlap_seconds),
        ),
    }),
    route({
      ...KEYS,
      method: 'POST',
      path: `${ONE}/revoke`,
      id: 'revokeOAuthClient',
      summary: 'Revoke an OAuth client',
      description:
        'For good, with every token that it was given, and at the latest 3 seconds later everywhere. Revoked again it stays as it is.',
      body: { name: 'RevokeOAuthClient', schema: schemas.revokeOAuthClient, example: {} },
      answers: { 200: CLIENT },
      problems: ['oauth_client_not_found'],
      handle: async (call) =>
        changed(
          call,
          await manageOnce(options, call, 200, (client) =>
            clients.revokeClient(client, call.credential, clientOf(call)),
          ),
        ),
    }),
  ];
}

function clientOf({ params }: Call): string {
  const id = params['client'] ?? '';
  if (!isId('oac', id)) throw clients.clientNotFound();
  return id;
}

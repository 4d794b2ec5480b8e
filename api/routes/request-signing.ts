import type { Call, Reply, Route } from '../call.ts';
import { jsonReply } from '../json-reply.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route } from '../contract/route.ts';
import { manageOnce, type ManagedOptions } from '../managed.ts';
import * as schemas from '../schemas/request-signing.ts';
import * as signing from '../signing/secrets.ts';
import type { Signatures } from '../signing/signatures.ts';
import { isId } from '../../workflows/domain/ids.ts';

export interface RequestSigningRoutesOptions extends ManagedOptions {
  readonly signatures: Pick<Signatures, 'forget'>;
}

const KEYS = { tag: 'Keys', scope: 'admin' } as const;
const PATH = '/v1/signing-secrets';
const ONE = `${PATH}/:secret`;
const SECRET = { description: 'The secret, without its text.', schema: COMPONENTS.SigningSecret };
const SETTING = { description: 'Whether they have to be.', schema: COMPONENTS.RequestSigning };

/** What requests are signed with, and whether they have to be. */
export function requestSigningRoutes(options: RequestSigningRoutesOptions): readonly Route[] {
  const { database, secrets, signatures } = options;
  /** What was remembered of this merchant here is not true any more. */
  const changed = (call: Call, reply: Reply): Reply => {
    signatures.forget(call.credential.merchant);
    return reply;
  };
  return [
    route({
      ...KEYS,
      method: 'POST',
      path: PATH,
      id: 'createSigningSecret',
      summary: 'Create a signing secret',
      description:
        'Of your merchant and mode. Its text is shown once; a repeat of the request shows it again. To change a secret, create another, sign with it, and revoke the old one.',
      body: {
        name: 'CreateSigningSecret',
        schema: schemas.createSigningSecret,
        example: { name: 'server 1' },
      },
      answers: {
        201: { description: 'The secret with its text.', schema: COMPONENTS.SigningSecretWithText },
      },
      problems: ['signing_secret_limit'],
      handle: async (call) =>
        changed(
          call,
          await manageOnce(options, call, 201, (client) =>
            signing.createSecret(client, secrets, call.credential, call.body, call.signedWith),
          ),
        ),
    }),
    route({
      ...KEYS,
      method: 'GET',
      path: PATH,
      id: 'listSigningSecrets',
      summary: 'List signing secrets',
      description: 'Newest first, those that are revoked as well.',
      query: schemas.listSigningSecrets,
      answers: { 200: { description: 'A page of secrets.', schema: COMPONENTS.SigningSecretList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await signing.listSecrets(database, credential, parameters)),
    }),
    route({
      ...KEYS,
      method: 'GET',
      path: ONE,
      id: 'getSigningSecret',
      summary: 'Get a signing secret',
      description: 'Without its text.',
      answers: { 200: SECRET },
      problems: ['signing_secret_not_found'],
      handle: async (call) => jsonReply(await signing.readSecret(database, call.credential, secretOf(call))),
    }),
    route({
      ...KEYS,
      method: 'POST',
      path: `${ONE}/revoke`,
      id: 'revokeSigningSecret',
      summary: 'Revoke a signing secret',
      description:
        'For good, and at the latest 3 seconds later everywhere. The last one is needed while requests have to be signed.',
      body: { name: 'RevokeSigningSecret', schema: schemas.revokeSigningSecret, example: {} },
      answers: { 200: SECRET },
      problems: ['signing_secret_not_found', 'signing_secret_needed'],
      handle: async (call) =>
        changed(
          call,
          await manageOnce(options, call, 200, (client) =>
            signing.revokeSecret(client, call.credential, secretOf(call), call.signedWith),
          ),
        ),
    }),
    route({
      ...KEYS,
      method: 'GET',
      path: '/v1/request-signing',
      id: 'getRequestSigning',
      summary: 'Ask whether requests have to be signed',
      description: 'In the mode of the key.',
      answers: { 200: SETTING },
      handle: async (call) => jsonReply(await signing.readSigning(database, call.credential)),
    }),
    route({
      ...KEYS,
      method: 'POST',
      path: '/v1/request-signing',
      id: 'setRequestSigning',
      summary: 'Say whether requests have to be signed',
      description:
        'In the mode of the key. From then on one that is not signed (RFC 9421) is 401 `signature_missing`, at the latest 3 seconds later everywhere. The request that asks for it has to be signed itself, and so has the one that takes it back.',
      body: { name: 'SetRequestSigning', schema: schemas.setRequestSigning, example: { required: false } },
      answers: { 200: SETTING },
      handle: async (call) =>
        changed(
          call,
          await manageOnce(options, call, 200, (client) =>
            signing.setSigning(client, call.credential, call.body.required, call.signedWith),
          ),
        ),
    }),
  ];
}

function secretOf({ params }: Call): string {
  const id = params['secret'] ?? '';
  if (!isId('sgs', id)) throw signing.secretNotFound();
  return id;
}

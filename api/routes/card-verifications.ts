import type { z } from 'zod';
import { newId } from '../../platform/new-id.ts';
import { isId, type StagingId } from '../../workflows/domain/ids.ts';
import { untilAnswered } from '../answers.ts';
import type { Call, Reply, Route } from '../call.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route, type Taken } from '../contract/route.ts';
import { fingerprintOf } from '../idempotency.ts';
import { listVerifications, readVerification } from '../lists/card-verifications.ts';
import { waitOf } from '../prefer.ts';
import { POLL_AFTER_S } from '../processing.ts';
import { Problem } from '../problem.ts';
import { isKnownKey } from '../requests.ts';
import * as schemas from '../schemas/card-verifications.ts';
import { expiryFaults, refuseFaults } from '../schemas/payments.ts';
import { stageCard, type StagingOptions } from '../stage-card.ts';
import {
  acceptVerification,
  readVerificationAnswer,
  type AcceptedVerification,
} from '../verifications/accept.ts';
import type { RunVerification } from '../verifications/run.ts';

export interface VerificationRoutesOptions extends StagingOptions {
  readonly runVerification: RunVerification;
  /** Aborted when the process leaves: whoever waits then gets what there is. */
  readonly hurry: AbortSignal;
  /** Keys the fingerprints of requests. */
  readonly fingerprintSecret: string;
  /** How long a POST waits for its answer where it does not say (ms). */
  readonly waitMs: number;
}

const VERIFICATIONS = '/v1/card-verifications';
const NO_STAGING = '' as StagingId;

/** Whether an issuer says that a card is good, without any money held. */
export function cardVerificationRoutes(options: VerificationRoutesOptions): readonly Route[] {
  const { database } = options;
  return [
    route({
      method: 'POST',
      path: VERIFICATIONS,
      id: 'createCardVerification',
      scope: 'payments',
      callClass: 'create',
      tag: 'Cards',
      summary: 'Verify a card',
      description:
        'Asks the card’s issuer whether it is good: amount zero, nothing is held, nothing is posted. `declined` is what the issuer said; where nobody said anything it ends as `unknown`, never as a decline.',
      waits: true,
      body: {
        name: 'CreateCardVerification',
        schema: schemas.createVerification,
        example: {
          currency: 'EUR',
          card: { number: '4242424242424242', expiry_month: 12, expiry_year: 2034, cvv: '123' },
          customer_reference: 'customer-77',
        },
      },
      answers: {
        201: { description: 'The verification: it has ended.', schema: COMPONENTS.CardVerification },
        202: {
          description:
            'Taken, and the issuer has not answered yet: ask for the verification again after `next_poll_after`.',
          schema: COMPONENTS.ProcessingCardVerification,
        },
      },
      problems: [
        'currency_invalid',
        'card_number_invalid',
        'card_expired',
        'card_token_unknown',
        'card_token_used',
        'stored_card_deleted',
      ],
      handle: (call) => create(options, call),
    }),
    route({
      method: 'GET',
      path: VERIFICATIONS,
      id: 'listCardVerifications',
      tag: 'Cards',
      summary: 'List card verifications',
      description: 'Newest first. All filters that are given must hold.',
      query: schemas.listVerifications,
      answers: { 200: { description: 'A page of verifications.', schema: COMPONENTS.CardVerificationList } },
      handle: async ({ credential, parameters }) => ({
        status: 200,
        body: JSON.stringify(await listVerifications(database, credential, parameters)),
      }),
    }),
    route({
      method: 'GET',
      path: `${VERIFICATIONS}/:verification`,
      id: 'getCardVerification',
      tag: 'Cards',
      summary: 'Get a card verification',
      description: 'As it stands.',
      answers: { 200: { description: 'The verification.', schema: COMPONENTS.CardVerification } },
      problems: ['card_verification_not_found'],
      handle: (call) => show(options, call),
    }),
  ];
}

async function create(
  options: VerificationRoutesOptions,
  call: Taken<z.ZodType, typeof schemas.createVerification>,
): Promise<Reply> {
  const { database, fingerprintSecret } = options;
  const { credential, idempotencyKey: key, raw, body } = call;
  const now = options.now();
  const { card } = body;
  if (card !== undefined) {
    const faults = expiryFaults(card.expiry_month, card.expiry_year, '/card/expiry_month', now);
    // A repeat of what was in time is answered as it was, however late it comes.
    if (faults.length > 0 && !(await isKnownKey(database, credential, key))) refuseFaults(faults);
  }
  const staged = await stageCard(options, credential, key, body);
  const fingerprint = fingerprintOf(fingerprintSecret, {
    route: call.route,
    path: {},
    body: raw,
    // A token stands for its card, and is in the body.
    card: card === undefined ? null : staged,
  });
  const accepted = await acceptVerification(
    database,
    credential,
    { key, fingerprint },
    {
      id: newId('ver'),
      currency: body.currency,
      // Only of a known key there is none, and then nothing is written.
      staging: staged?.staging ?? NO_STAGING,
      verifyBy: now + schemas.VERIFY_WITHIN_MS,
      customerReference: body.customer_reference ?? null,
      metadata: body.metadata,
    },
  );
  return answer(options, call, accepted);
}

/** The stored answer when it comes in time, else 202 and where the verification stands. */
async function answer(
  { database, runVerification, hurry, waitMs }: VerificationRoutesOptions,
  { credential, headers }: Call,
  { verification, repeated }: AcceptedVerification,
): Promise<Reply> {
  const wished = waitOf(headers.prefer);
  const common = {
    location: `${VERIFICATIONS}/${verification}`,
    ...(wished === null ? {} : { 'preference-applied': `wait=${wished}` }),
  };
  const read = () => readVerificationAnswer(database, credential, verification);
  const stored = repeated ? await read() : null;
  const ref = { merchant: credential.merchant, verification };
  const final =
    stored ??
    (await untilAnswered(
      { ring: (limitMs) => runVerification(ref, limitMs, hurry), read, hurry },
      wished === null ? waitMs : wished * 1_000,
    ));
  if (final !== null)
    return { ...final, headers: { ...common, ...(repeated ? { 'idempotency-replayed': 'true' } : {}) } };
  const standing = await readVerification(database, credential, verification);
  if (standing === null) throw new Error(`card verification ${verification} is not there any more`);
  return {
    status: 202,
    body: JSON.stringify({
      ...standing,
      next_poll_after: new Date(Date.now() + POLL_AFTER_S * 1_000).toISOString(),
    }),
    headers: { ...common, 'retry-after': String(POLL_AFTER_S) },
  };
}

async function show({ database }: VerificationRoutesOptions, { credential, params }: Call): Promise<Reply> {
  const id = params['verification'] ?? '';
  const found = isId('ver', id) ? await readVerification(database, credential, id) : null;
  if (found === null)
    throw new Problem(
      'card_verification_not_found',
      'no card verification with this id belongs to this key: check the id, and whether the key is for test or live',
    );
  return { status: 200, body: JSON.stringify(found) };
}

import type pg from 'pg';
import { atBoundaries, atBoundary } from '../../platform/crash-points.ts';
import { retryTransaction } from '../../platform/database.ts';
import { newId } from '../../platform/new-id.ts';
import { loadVerification, type LoadedVerification } from '../../schema/load-verification.ts';
import { NEWEST } from '../../workflows/domain/api-versions.ts';
import { SEND_WITHIN_MS } from '../../workflows/domain/attempt-plan.ts';
import {
  VERIFICATION_EVENT,
  verificationEventBody,
  verificationResource,
  type CardVerification,
  type VerificationEnd,
} from '../../workflows/domain/card-verification.ts';
import { attemptId } from '../../workflows/domain/ids.ts';
import type { VerificationActivities, VerificationRef } from '../../workflows/ports/card-verification.ts';
import type { TokenizedCard } from '../../workflows/ports/vault.ts';
import type { WirePlanner } from '../../workflows/ports/wire.ts';
import { chooseAccount } from './accounts.ts';

export interface VerificationDependencies {
  readonly pool: pg.Pool;
  /** By wire (acquirers.wire). One that cannot verify is not asked to. */
  readonly planners: Readonly<Record<string, WirePlanner>>;
}

type Planned = 'planned' | 'repeated' | 'stale';
type Concluded = 'concluded' | 'repeated' | 'stale';

/**
 * The record of card verifications: rows of their own, and nothing of the ledger. Grants are put in by
 * activities/vault.
 */
export function createVerificationActivities({
  pool,
  planners,
}: VerificationDependencies): VerificationActivities {
  async function load({ merchant, verification }: VerificationRef): Promise<LoadedVerification> {
    const found = await loadVerification(pool, merchant, verification);
    if (found === null) throw new Error(`card verification ${verification} of ${merchant} does not exist`);
    return found;
  }

  async function conclude(
    before: LoadedVerification,
    end: VerificationEnd,
    card: TokenizedCard | null,
  ): Promise<void> {
    const at = Date.now();
    const verification: CardVerification = {
      ...endedAs(before, end),
      card: before.shown.card ?? card,
      concludedAt: at,
    };
    const event = newId('evt');
    const { id, merchant, status, unknownReason } = verification;
    const document = {
      merchant_id: merchant,
      id,
      status,
      unknown_reason: unknownReason,
      attempt_id: end.kind === 'answered' ? end.attempt : null,
      concluded_at: new Date(at).toISOString(),
      answer_body: JSON.stringify(verificationResource(verification)),
      card: card === null ? null : cardJson(card),
      event: {
        id: event,
        type: VERIFICATION_EVENT,
        api_version: NEWEST,
        body: verificationEventBody({ id: event, at, verification }),
      },
    };
    // What is stale is seen by whoever loads it next, and decided anew.
    await atBoundary('outbox-commit', () =>
      retryTransaction(() =>
        pool.query<{ concluded: Concluded }>({
          name: 'conclude_card_verification',
          text: 'select conclude_card_verification($1::jsonb) as concluded',
          values: [JSON.stringify(document)],
        }),
      ),
    );
  }

  return {
    loadVerification: async (ref) => (await load(ref)).view,

    async planVerification({ number, card, ...ref }) {
      const { merchant, verification } = ref;
      const before = await load(ref);
      // It has been here already, or is over: numbers of the wire are not taken twice.
      if (before.view.status !== 'processing' || before.view.attempts.length >= number) return before.view;
      const account = await chooseAccount(pool, planners, before, card);
      if (account === null) {
        // Asked once, there was a route: it is the answer that is missing.
        const asked = before.view.attempts.some(({ state }) => state === 'sending');
        await conclude(before, { kind: 'unknown', reason: asked ? 'no_answer' : 'no_route' }, card);
        return (await load(ref)).view;
      }
      const wire = await account.plan({
        account: account.account,
        currency: before.shown.currency,
        at: new Date(),
      });
      const attempt = {
        id: attemptId(verification, number),
        number,
        acquirer_id: account.account.acquirer,
        account_id: account.account.id,
        wire,
        send_within_ms: SEND_WITHIN_MS,
      };
      await atBoundaries(
        () => ['attempt-row'],
        () =>
          retryTransaction(() =>
            pool.query<{ planned: Planned }>({
              name: 'plan_verification_attempt',
              text: 'select plan_verification_attempt($1, $2, $3::jsonb, $4::jsonb) as planned',
              values: [merchant, verification, JSON.stringify(cardJson(card)), JSON.stringify(attempt)],
            }),
          ),
      );
      return (await load(ref)).view;
    },

    async settleVerification({ attempt, ...ref }) {
      // One statement, so that a sender that is just beginning either finds it fenced or is found sending.
      await pool.query({
        name: 'settle_verification_attempt',
        text: `update verification_attempts set state = case state when 'planned' then 'fenced' else state end, given_up_at = clock_timestamp(),
                 reason = coalesce(reason, case state when 'planned' then 'never begun: fenced' else 'its worker was lost' end)
               where merchant_id = $1 and id = $2 and verification_id = $3 and state <> 'answered' and given_up_at is null`,
        values: [ref.merchant, attempt, ref.verification],
      });
      return (await load(ref)).view;
    },

    async concludeVerification({ end, ...ref }) {
      const before = await load(ref);
      if (before.view.status === 'processing') await conclude(before, end, null);
      return (await load(ref)).view;
    },
  };
}

/** What it is once it has ended so. @throws Error when the attempt has no answer: a mistake of ours */
function endedAs({ shown, view, answerOf }: LoadedVerification, end: VerificationEnd): CardVerification {
  if (end.kind === 'unknown') return { ...shown, status: 'unknown', unknownReason: end.reason };
  const outcome = view.attempts.find(({ id }) => id === end.attempt)?.outcome ?? null;
  if (outcome === null) throw new Error(`attempt ${end.attempt} of ${shown.id} has no answer to end it with`);
  return {
    ...shown,
    status: outcome === 'approved' ? 'verified' : 'declined',
    unknownReason: null,
    answer: answerOf(end.attempt),
  };
}

function cardJson(card: TokenizedCard): Readonly<Record<string, string | number>> {
  return {
    token: card.token,
    brand: card.brand,
    bin: card.bin,
    last_four: card.lastFour,
    expiry_month: card.expiryMonth,
    expiry_year: card.expiryYear,
    fingerprint: card.fingerprint,
  };
}

import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';
import {
  VaultRefused,
  type DestroyAnswer,
  type DestroyRequest,
  type ForgottenAnswer,
  type ForgottenCard,
  type ForgottenRequest,
} from '../../vault/contract.ts';
import type { CardToken } from '../../workflows/domain/ids.ts';
import type { RetentionSummary } from '../../workflows/ports/upkeep.ts';

/** What it asks of the vault. */
export interface CardKeeper {
  forgotten(request: ForgottenRequest): Promise<ForgottenAnswer>;
  destroy(request: DestroyRequest): Promise<DestroyAnswer>;
}

export interface CardRetentionOptions {
  readonly vault: CardKeeper;
  readonly pool: pg.Pool;
  readonly logger: Logger;
  /** So long after its last change a payment may still need its card (refunds, disputes). */
  readonly neededMs: number;
}

/**
 * Of these payments and card verifications those that need their card no more: nothing follows a verification
 * that has ended. One that is not in the database is not among them.
 */
const OVER = `
  select p.id from unnest($1::text[], $2::text[]) as asked (merchant, payment)
  join payments p on p.merchant_id = asked.merchant and p.id = asked.payment
  where not p.pending and p.updated_at <= now() - $3 * interval '1 millisecond'
  union all
  select v.id from unnest($1::text[], $2::text[]) as asked (merchant, payment)
  join card_verifications v on v.merchant_id = asked.merchant and v.id = asked.payment
  where v.status <> 'processing'`;

/**
 * One round over the forgotten cards: destroys the number of each that no payment needs. A forgotten card is
 * taken by no new payment, so what was seen stays true until it is destroyed; the vault counts after it.
 * @param alive called after each page; throws to stop.
 */
export function createCardRetention({ vault, pool, logger, neededMs }: CardRetentionOptions) {
  async function overOf(cards: readonly ForgottenCard[]): Promise<ReadonlySet<string>> {
    const asked = cards.flatMap(({ merchant, payments }) =>
      payments.map((payment) => ({ merchant, payment })),
    );
    const { rows } = await pool.query<{ id: string }>({
      name: 'payments_over',
      text: OVER,
      values: [asked.map(({ merchant }) => merchant), asked.map(({ payment }) => payment), neededMs],
    });
    return new Set(rows.map(({ id }) => id));
  }

  return async (alive: () => void): Promise<RetentionSummary> => {
    let [unused, destroyed, kept] = [0, 0, 0];
    let after: CardToken | null = null;
    do {
      const page: ForgottenAnswer = await vault.forgotten({ after });
      unused += page.unused;
      const over = await overOf(page.cards);
      for (const { merchant, token, payments } of page.cards) {
        if (!payments.every((payment) => over.has(payment))) {
          kept += 1;
          continue;
        }
        try {
          const gone = await vault.destroy({ merchant, token, payments: payments.length });
          if (gone.destroyed) destroyed += 1;
        } catch (error) {
          // One that the vault does not let go must not keep those after it; the next round asks again.
          if (!(error instanceof VaultRefused)) throw error;
          logger.error('card_not_destroyed', { merchant, token, error });
          kept += 1;
        }
      }
      alive();
      after = page.next;
    } while (after !== null);
    logger.info('cards_retained', { unused, destroyed, kept });
    return { unused, destroyed, kept };
  };
}

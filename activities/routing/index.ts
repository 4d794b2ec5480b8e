import type pg from 'pg';
import type { AcquirerAccountId } from '../../workflows/domain/ids.ts';
import { chooseRoute, type RouteOption } from '../../workflows/domain/route.ts';
import type { RoutingActivities } from '../../workflows/ports/routing.ts';

interface OptionRow {
  acquirer_id: string;
  account_id: AcquirerAccountId;
  single_message: boolean;
  currencies: string[];
  brands: string[];
  valid: boolean;
  currency: string;
}

/** Reads the merchant's accounts of the payment's mode; the choice itself is pure (workflows/domain/route.ts). */
export function createRoutingActivities(pool: pg.Pool): RoutingActivities {
  return {
    async route({ merchant, payment, card }) {
      const { rows } = await pool.query<OptionRow>({
        name: 'routing_options',
        text: `select a.acquirer_id, a.id as account_id, a.single_message, a.currencies, a.brands, p.currency,
                      a.valid_from <= now() and (a.valid_to is null or a.valid_to > now()) as valid
               from payments p
               join merchant_acquirer_accounts a using (merchant_id, mode)
               where p.merchant_id = $1 and p.id = $2
               order by a.id`,
        values: [merchant, payment],
      });
      const options = rows.map((row): RouteOption => ({
        acquirer: row.acquirer_id,
        account: row.account_id,
        singleMessage: row.single_message,
        currencies: row.currencies,
        brands: row.brands,
        valid: row.valid,
      }));
      return chooseRoute(options, { currency: rows[0]?.currency ?? '', brand: card.brand });
    },
  };
}

import type pg from 'pg';
import type { AcquirerAccountId } from '../../workflows/domain/ids.ts';
import { amountProblem, type AcquirerCapabilities } from '../../workflows/domain/capabilities.ts';
import type { Currency } from '../../workflows/domain/currencies.ts';
import { chooseRoute, type RouteOption } from '../../workflows/domain/route.ts';
import type { RoutingActivities } from '../../workflows/ports/routing.ts';

interface OptionRow {
  acquirer_id: string;
  account_id: AcquirerAccountId;
  single_message: boolean;
  currencies: string[];
  brands: string[];
  valid: boolean;
  currency: Currency;
  amount: bigint;
  wire: string;
}

/**
 * Reads the merchant's accounts of the payment's mode; the choice itself is pure (workflows/domain/route.ts).
 * @param capabilitiesOf what can be said on a wire; undefined when this process knows no such wire.
 */
export function createRoutingActivities(
  pool: pg.Pool,
  capabilitiesOf: (wire: string) => AcquirerCapabilities | undefined,
): RoutingActivities {
  function amountProblemOf({ wire, amount, currency }: OptionRow): string | null {
    const capabilities = capabilitiesOf(wire);
    if (capabilities === undefined) return `speaks ${wire}, which this version does not`;
    return amountProblem(capabilities, amount, currency);
  }

  return {
    async route({ merchant, payment, card }) {
      const { rows } = await pool.query<OptionRow>({
        name: 'routing_options',
        text: `select a.acquirer_id, a.id as account_id, a.single_message, a.currencies, a.brands, p.currency, p.amount, q.wire,
                      a.valid_from <= now() and (a.valid_to is null or a.valid_to > now()) as valid
               from payments p
               join merchant_acquirer_accounts a using (merchant_id, mode)
               join acquirers q on q.id = a.acquirer_id
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
        amountProblem: amountProblemOf(row),
        valid: row.valid,
      }));
      return chooseRoute(options, { currency: rows[0]?.currency ?? '', brand: card.brand });
    },
  };
}

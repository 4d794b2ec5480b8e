import type pg from 'pg';
import type { RateSource } from './terms.ts';

/** Rates that somebody has put into the table fx_rates: the newest one that may be used at the moment. */
export function createTableRates(pool: pg.Pool): RateSource {
  return {
    async rate(base, quote, at) {
      const { rows } = await pool.query<{ rate: string; source: string; valid_from: Date }>({
        name: 'fx_rate',
        text: `select trim_scale(rate)::text as rate, source, valid_from from fx_rates
               where base = $1 and quote = $2 and valid_from <= $3 and $3 < valid_to
               order by valid_from desc limit 1`,
        values: [base, quote, new Date(at)],
      });
      const [row] = rows;
      if (row === undefined) return null;
      return { base, quote, rate: row.rate, source: row.source, validAt: row.valid_from.getTime() };
    },
  };
}

import type { Logger } from '../platform/logger.ts';
import type { CardToken, MerchantId } from '../workflows/domain/ids.ts';
import type { CardMode } from './contract.ts';
import type { VaultCounters } from './counters.ts';
import type { VaultDatabase } from './database.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { cellOf, loadOf, newNumericToken, type NumericCell } from './numeric-token.ts';
import { VaultProblem } from './problem.ts';
import type { Sealing } from './sealing.ts';

interface CardRow {
  readonly data_key: string;
  readonly sealed: Buffer;
  readonly numeric_token: string | null;
}

interface ForgottenRow {
  readonly merchant: MerchantId;
  readonly token: CardToken;
  readonly data_key: string;
  readonly sealed: Buffer;
}

const FIND = `
  SELECT c.data_key, c.sealed, n.numeric_token FROM vault.cards c LEFT JOIN vault.numeric_tokens n USING (token)
   WHERE c.merchant = $1 AND c.token = $2 AND c.destroyed_at IS NULL`;

/** Every card of the cell, whosever it is: a token that is one of these numbers would be one in use. */
const CELL_CARDS = `
  SELECT merchant, mode, fingerprint FROM vault.cards WHERE left(bin, 6) = $1 AND last_four = $2 AND fingerprint IS NOT NULL
  UNION
  SELECT merchant, mode, fingerprint FROM vault.staged_cards WHERE left(bin, 6) = $1 AND last_four = $2 AND payment IS NULL`;

/** Those that are forgotten and not destroyed yet have no fingerprint: they are opened, a page at a time. */
const FORGOTTEN_CARDS = `
  SELECT merchant, token, data_key, sealed FROM vault.cards
   WHERE left(bin, 6) = $1 AND last_four = $2 AND fingerprint IS NULL AND destroyed_at IS NULL AND token > $3
   ORDER BY token LIMIT $4`;
const FORGOTTEN_PAGE = 100;

const COUNT = 'SELECT count(*)::integer AS tokens FROM vault.numeric_tokens WHERE cell = $1';
const INSERT = `
  INSERT INTO vault.numeric_tokens (numeric_token, token, cell) VALUES ($1, $2, $3)
  ON CONFLICT DO NOTHING RETURNING numeric_token`;

/** A cell is at most a tenth full, so that ten draws in a row that are taken are one in ten thousand million. */
const TRIES = 10;

/** The numeric token of a merchant's card, the same whenever it is asked for. */
export type NumericTokenOf = (merchant: MerchantId, token: CardToken) => Promise<string>;

/** @throws VaultProblem `no_numeric_token` for a card whose cell is too small or too full. */
export function createNumericTokens(
  database: VaultDatabase,
  sealing: Sealing,
  fingerprinter: Fingerprinter,
  counters: Pick<VaultCounters, 'numericCellLoad'>,
  logger: Logger,
  draw: (number: string) => string = newNumericToken,
): NumericTokenOf {
  async function admit(cell: NumericCell): Promise<void> {
    const [row] = await database.query<{ tokens: number }>('count_numeric', COUNT, [cell.name]);
    const { load, level } = loadOf(cell, row?.tokens ?? 0);
    counters.numericCellLoad = Math.max(counters.numericCellLoad, load);
    if (level === 'fine') return;
    logger.warn('numeric_cell_filling', { bin: cell.name.slice(0, 6), load, capacity: cell.capacity });
    if (level === 'full')
      throw new VaultProblem(
        'no_numeric_token',
        `too many numeric tokens have this card’s first six and last four digits (${row?.tokens ?? 0} of ${cell.capacity}): use its token`,
      );
  }

  async function isForgotten(candidate: string): Promise<boolean> {
    const cell = [candidate.slice(0, 6), candidate.slice(-4)];
    let after = '';
    for (;;) {
      const cards = await database.query<ForgottenRow>('cell_forgotten', FORGOTTEN_CARDS, [
        ...cell,
        after,
        FORGOTTEN_PAGE,
      ]);
      for (const { merchant, token, data_key: dataKey, sealed } of cards)
        if ((await sealing.openCard(merchant, token, { dataKey, sealed })) === candidate) return true;
      const last = cards.at(-1);
      if (last === undefined || cards.length < FORGOTTEN_PAGE) return false;
      after = last.token;
    }
  }

  /** Whether a card that is kept here has that very number. */
  async function isInUse(candidate: string): Promise<boolean> {
    const cards = await database.query<{ merchant: MerchantId; mode: CardMode; fingerprint: string }>(
      'cell_cards',
      CELL_CARDS,
      [candidate.slice(0, 6), candidate.slice(-4)],
    );
    for (const { merchant, mode, fingerprint } of cards)
      if ((await fingerprinter.fingerprint(merchant, mode, candidate)) === fingerprint) return true;
    return isForgotten(candidate);
  }

  return async (merchant, token) => {
    const find = async (): Promise<CardRow> => {
      const [row] = await database.query<CardRow>('find_numeric', FIND, [merchant, token]);
      if (row === undefined) throw new VaultProblem('unknown_token', `${merchant} has no card ${token}`);
      return row;
    };
    const { data_key: dataKey, sealed, numeric_token: known } = await find();
    if (known !== null) return known;
    const number = await sealing.openCard(merchant, token, { dataKey, sealed });
    const cell = cellOf(number);
    if (cell === null)
      throw new VaultProblem(
        'no_numeric_token',
        `${token} is of a card of ${number.length} digits, which leaves too few to choose from: use its token`,
      );
    await admit(cell);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const candidate = draw(number);
      if (await isInUse(candidate)) continue;
      const [made] = await database.query<{ numeric_token: string }>('insert_numeric', INSERT, [
        candidate,
        token,
        cell.name,
      ]);
      const present = made ?? (await find());
      if (present.numeric_token !== null) return present.numeric_token;
    }
    throw new VaultProblem('database_unavailable', `no numeric token was free for ${token}; ask again`);
  };
}

import type { Redis } from 'ioredis';
import { amountBand, APPROVAL_LEVELS, type ApprovalCount } from '../../workflows/domain/route/estimate.ts';

/** What approvals are counted by. */
export interface StatisticsKey {
  readonly acquirer: string;
  readonly account: string;
  readonly mode: 'test' | 'live';
  readonly brand: string;
  readonly bin: string;
  readonly currency: string;
  /** Minor units. */
  readonly amount: bigint;
}

export interface AccountStatistics {
  /** Finest first. */
  readonly counts: readonly ApprovalCount[];
  /** Decayed mean of the account's answers; null when there were none. */
  readonly latencyMs: number | null;
}

/** Approvals and latencies, decayed by age. Errors of Redis pass through; what is lost counts as never seen. */
export interface Statistics {
  read(keys: readonly StatisticsKey[]): Promise<readonly AccountStatistics[]>;
  add(key: StatisticsKey, approved: boolean, latencyMs: number | null): Promise<void>;
}

/** An answer counts half after so long: acquirers and issuers change within days, not minutes. */
const HALF_LIFE_MS = 12 * 3_600_000;
/** After ten half-lives a thousandth is left. */
const KEEP_MS = 10 * HALF_LIFE_MS;
const PREFIX = 'route:approvals:';

/** One hash a cell: a = approved, n = answered, l = sum of latencies, c = answers with one, t = decayed to. */
const ADD = `
  local now, half = tonumber(ARGV[1]), tonumber(ARGV[2])
  for _, key in ipairs(KEYS) do
    local was = redis.call('hmget', key, 'a', 'n', 'l', 'c', 't')
    local t = tonumber(was[5] or ARGV[1])
    local left = 0.5 ^ (math.max(now - t, 0) / half)
    redis.call('hset', key,
      'a', (tonumber(was[1] or 0) * left) + tonumber(ARGV[4]),
      'n', (tonumber(was[2] or 0) * left) + 1,
      'l', (tonumber(was[3] or 0) * left) + tonumber(ARGV[5]),
      'c', (tonumber(was[4] or 0) * left) + tonumber(ARGV[6]),
      't', math.max(now, t))
    redis.call('pexpire', key, ARGV[3])
  end
  return 1`;

/** Of each cell: approved, answered, latencies, answers with one; as text, for Redis cuts fractions. */
const READ = `
  local now, half = tonumber(ARGV[1]), tonumber(ARGV[2])
  local cells = {}
  for place, key in ipairs(KEYS) do
    local was = redis.call('hmget', key, 'a', 'n', 'l', 'c', 't')
    local left = 0.5 ^ (math.max(now - tonumber(was[5] or ARGV[1]), 0) / half)
    local cell = {}
    for field = 1, 4 do cell[field] = tostring(math.floor(tonumber(was[field] or 0) * left * 1000)) end
    cells[place] = table.concat(cell, ' ')
  end
  return cells`;

export function createStatistics(redis: Redis, now: () => number = Date.now): Statistics {
  return {
    async read(keys) {
      // Accounts of one acquirer share its cells.
      const names = [...new Set(keys.flatMap(cellsOf))];
      if (names.length === 0) return [];
      const answer = await redis.eval(READ, names.length, ...names, now(), HALF_LIFE_MS);
      const cells = new Map((answer as string[]).map((text, place) => [names[place] ?? '', parse(text)]));
      return keys.map((key) => {
        const own = cellsOf(key).map((name) => cells.get(name) ?? EMPTY);
        const timed = own.slice(2).find(({ timings }) => timings > 0) ?? EMPTY;
        return {
          counts: APPROVAL_LEVELS.map((level, place) => ({
            level,
            approved: own[place]?.approved ?? 0n,
            answered: own[place]?.answered ?? 0n,
          })),
          latencyMs: timed.timings > 0 ? Math.round(timed.latency / timed.timings) : null,
        };
      });
    },

    async add(key, approved, latencyMs) {
      const names = cellsOf(key);
      const timing = latencyMs === null ? [0, 0] : [latencyMs, 1];
      await redis.eval(
        ADD,
        names.length,
        ...names,
        now(),
        HALF_LIFE_MS,
        KEEP_MS,
        approved ? 1 : 0,
        ...timing,
      );
    },
  };
}

/** The cells of a payment at an account, in the order of APPROVAL_LEVELS. */
function cellsOf({
  acquirer,
  account,
  mode,
  brand,
  bin,
  currency,
  amount,
}: StatisticsKey): readonly string[] {
  const band = amountBand(amount);
  return [
    `${account}:${brand}:${currency}:${band}:${bin.slice(0, 6)}`,
    `${account}:${brand}:${currency}:${band}`,
    `${account}:${brand}:${currency}`,
    `${acquirer}:${mode}:${brand}:${currency}`,
    `${acquirer}:${mode}`,
  ].map((cell) => `${PREFIX}${cell}`);
}

interface Cell {
  readonly approved: bigint;
  readonly answered: bigint;
  readonly latency: number;
  readonly timings: number;
}
const EMPTY: Cell = { approved: 0n, answered: 0n, latency: 0, timings: 0 };

function parse(text: string): Cell {
  const [approved = 0, answered = 0, latency = 0, timings = 0] = text.split(' ').map(Number);
  return { approved: BigInt(approved), answered: BigInt(answered), latency, timings };
}

/**
 * npm run routing:breakers: how every acquirer's circuit breaker stands now, and why. Reads only.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { BREAKER_PREFIX, parseBreaker } from '../activities/routing/breakers.ts';
import { packageRoot } from '../platform/package-root.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { breakerView } from '../workflows/domain/route/breaker.ts';

const HELP = `npm run routing:breakers -- [options]

Prints every acquirer's circuit breaker as the payments workers share it: its state, since when, why,
and the calls of the last seconds. An acquirer that nothing failed at for an hour is not listed.

  --run-file FILE  run.json of a running stack (default: .quittance/run.json of this checkout)
  --redis URL      the Redis of the payments workers instead
`;

const { values } = parseArgs({
  options: { 'run-file': { type: 'string' }, redis: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help === true) process.stdout.write(HELP);
else {
  const file = values['run-file'] ?? join(packageRoot(), '.quittance', 'run.json');
  const redis = new Redis(values.redis ?? (await readRunFile(file)).redis, { maxRetriesPerRequest: 1 });
  try {
    const keys: string[] = [];
    for await (const page of redis.scanStream({ match: `${BREAKER_PREFIX}*`, count: 500 }))
      keys.push(...(page as string[]));
    keys.sort();
    const texts = keys.length === 0 ? [] : await redis.mget(keys);
    const now = Date.now();
    const rows = keys.map((key, place) => {
      const state = parseBreaker(texts[place] ?? null);
      const { state: is, until, reason, probesFree } = breakerView(state, now);
      const well = state.slices.reduce((sum, [, one]) => sum + one, 0);
      const failed = state.slices.reduce((sum, [, , one]) => sum + one, 0);
      return {
        acquirer: key.slice(BREAKER_PREFIX.length),
        state: is,
        since: state.since === 0 ? '' : new Date(state.since).toISOString(),
        until: until === null ? '' : new Date(until).toISOString(),
        'last reason': reason ?? '',
        'well, failed': `${well}, ${failed}`,
        'probes free': probesFree,
      };
    });
    if (rows.length === 0) console.log('no breaker has seen anything');
    else console.table(rows);
  } finally {
    redis.disconnect();
  }
}

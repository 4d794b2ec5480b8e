import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createPayloadCodec } from '../../platform/payload-codec/codec.ts';
import { BUNDLE } from '../../proof/support/bundles.ts';
import { developmentKeyring } from '../histories/development-keyring.ts';
import { readHistory, type Run } from '../histories/history-file.ts';
import { quietRuntime } from './replay-runs.ts';
import { replayAll } from './replay-suite.ts';

/** The promise: of many histories each that does not replay is counted and named; see histories-of-the-suite. */
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
beforeAll(() => {
  quietRuntime();
});

async function* each(runs: readonly Run[]): AsyncGenerator<Run> {
  yield* runs;
}

/** The same run, if it had asked its acquirer for something else. */
async function altered(path: string): Promise<Run> {
  const run = await readHistory(path);
  const scheduled = run.history.events?.find((event) => event.activityTaskScheduledEventAttributes != null);
  const type = scheduled?.activityTaskScheduledEventAttributes?.activityType;
  if (type == null) throw new Error(`${path} schedules no activity`);
  type.name = 'anotherCall';
  return { ...run, name: 'altered' };
}

it('a run that does not replay is one that diverged, and one that decided nothing is none', async () => {
  const path = 'workflows/payment/histories/approved.json';
  const good = await readHistory(path);
  const begun: Run = {
    ...good,
    name: 'begun',
    history: { events: good.history.events?.slice(0, 2) ?? [] },
  };
  const dataConverter = {
    payloadCodecs: [createPayloadCodec(await developmentKeyring(), silent)],
    failureConverterPath: join(process.cwd(), 'dist/workflows/failure-converter.js'),
  };
  const { replayed, diverged, undecided, setAside } = await replayAll(
    { bundle: BUNDLE, dataConverter },
    each([good, await altered(path), begun]),
  );
  expect({ replayed, diverged: diverged.length, undecided, setAside: setAside.size }).toEqual({
    replayed: 2,
    diverged: 1,
    undecided: 1,
    setAside: 0,
  });
  expect(diverged[0]).toContain('(altered) diverged');
});

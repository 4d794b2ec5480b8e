import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTemporalClient, type TemporalClient } from '../platform/temporal.ts';
import { canaryPrometheusOf } from '../proof/canary/prometheus.ts';
import { prometheusOf } from '../proof/check/prometheus.ts';
import { openWorld, until, type World } from '../proof/support/world.ts';
import type { RunFile } from '../temporal-dev/run-file.ts';
import { knownMetrics } from '../temporal-dev/testing/known-metrics.ts';
import { alertRules, metricsIn } from '../temporal-dev/testing/metric-names.ts';
import { runbookList, runbookPages, type Saying } from '../temporal-dev/testing/runbook-pages.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { knownWords } from './testing/known-words.ts';
import { runLine, unknownOptions } from './testing/run-line.ts';
import type { Ended } from './testing/run-tool.ts';
import { doingBeside, runStatement } from './testing/run-statement.ts';
import { clearScenes, filled, setScenes, type Ids, type Scenes } from './testing/runbook-scenes.ts';
import { SITUATIONS, type Situation } from './testing/runbook-situations.ts';

/**
 * The promise: there is a runbook for every kind of case and for every alert, and what it says to type is
 * what happens: every command, statement, expression and query of it is run here, in the situation that it
 * is for where that can be had.
 */

const pages = await runbookPages();

let world: World;
let run: RunFile;
let temporal: TemporalClient;
let isMetric: (name: string) => boolean;
let scenes: Scenes;

/** What every process shows to Prometheus. */
async function metricPages(): Promise<readonly string[]> {
  return Promise.all(Object.values(run.metrics).map(async (url) => (await fetch(url)).text()));
}

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'] });
  run = await world.run();
  temporal = createTemporalClient({
    ...run.temporal,
    identity: 'runbooks',
    dataConverter: {},
    retries: true,
  });
  scenes = await setScenes(world);
  const report = { at: '', checks: [], violationCount: 0, broken: 0, seconds: 0 };
  const nothing = { searched: [], missed: [] };
  isMetric = await knownMetrics([
    ...(await metricPages()),
    prometheusOf(report, new Date()),
    canaryPrometheusOf(nothing, new Date()),
  ]);
});
afterAll(async () => {
  await clearScenes(world);
  await temporal.close();
  await world.close();
});

/** What only looks says the same to every page. */
const looked = new Map<string, Promise<Ended>>();
const LOOKS = /^npm run --silent (routing:breakers|ops:version -- status|ledger:verify)$/;

async function runCommand(typed: string, ids: Ids): Promise<void> {
  const line = filled(typed, ids);
  expect(line, typed).not.toContain('…');
  const before = looked.get(line);
  const running = before ?? runLine(line, stackRunFile());
  if (LOOKS.test(line)) looked.set(line, running);
  const { code, out, errors } = await running;
  expect(code, `${line}\n${out}${errors}`).toBe(0);
  for (const [id] of out.matchAll(/\b(?:dcs|adj)_\w+/g)) ids[id.slice(0, 3) as 'dcs' | 'adj'] = id;
}

const helps = new Map<string, Promise<Ended>>();

/** One at a time: they plant in the same rows. */
let turn: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work, work);
  turn = done;
  return done;
}

async function runSql(role: string, statement: string, situation: Situation, ids: Ids): Promise<void> {
  const answer = (text: string, plant: string | null) => inTurn(() => runStatement(run, role, text, plant));
  if ('changes' in situation) {
    expect((await answer(statement, null)).changed, statement).toBe(situation.changes);
    return;
  }
  const finds = JSON.parse(filled(JSON.stringify(situation.finds), ids)) as Record<string, unknown>;
  const found: unknown = expect.arrayContaining([expect.objectContaining(finds)]);
  if ('plant' in situation) {
    expect((await answer(statement, filled(situation.plant, ids))).rows, statement).toEqual(found);
    return;
  }
  const end = await doingBeside(run, situation.beside);
  try {
    expect((await answer(statement, null)).columns).toEqual(expect.arrayContaining(Object.keys(finds)));
    const { atOnce } = situation;
    const soon = atOnce === undefined ? statement : statement.replace(...atOnce);
    if (atOnce !== undefined) expect(soon).not.toBe(statement);
    await until(
      `it finds ${JSON.stringify(finds)}`,
      () => answer(soon, null),
      ({ rows }) => rows.some((row) => Object.entries(finds).every(([name, value]) => row[name] === value)),
      10_000,
    );
  } finally {
    await end();
  }
}

async function say({ way, text }: Saying, situations: Situation[], ids: Ids): Promise<void> {
  switch (way.kind) {
    case 'shell':
      return runCommand(text, ids);
    case 'help':
      expect(await unknownOptions(text, helps), text).toEqual([]);
      return;
    case 'sql': {
      expect(text, 'it says which columns').not.toMatch(/select\s+\*/);
      const situation = situations.shift();
      if (situation === undefined)
        throw new Error(`${text}: runbook-situations.ts does not say what it finds`);
      return runSql(way.role, text, situation, ids);
    }
    case 'promql':
      expect(
        metricsIn(text).filter((name) => !isMetric(name)),
        text,
      ).toEqual([]);
      return;
    case 'visibility':
      expect((await temporal.client.workflow.count(text)).count, text).toBeGreaterThanOrEqual(0);
      return;
    case 'untested':
  }
}

describe('the runbooks', () => {
  it('are one for each kind of case and one for each alert, and their list names all kinds', async () => {
    const named = (of: 'case' | 'alert') => pages.filter((page) => page.of === of).map(({ name }) => name);
    expect(named('case')).toEqual([...scenes.ofCases.keys()].sort());
    expect(named('alert')).toEqual((await alertRules()).map(({ alert }) => alert).sort());
    const list = await runbookList();
    for (const name of named('case')) expect(list).toContain(`](${name}.md)`);
  });

  it.concurrent.each(pages)(
    '$name says what it means, how to see it, what to do and how to know',
    async ({ name, of, text, sayings }) => {
      for (const part of ['Means', 'See it', 'Do', 'Know it worked']) expect(text).toContain(`**${part}.**`);
      if (of === 'case') expect(sayings.length).toBeGreaterThan(2);
      const ids = { ...(of === 'case' ? scenes.ofCases.get(name) : scenes.ofAlerts) };
      const situations = [...(SITUATIONS[name] ?? [])];
      for (const saying of sayings) await say(saying, situations, ids);
      expect(situations, 'situations of which the page says nothing').toEqual([]);
    },
    // Of each, while others run: five at once, with programs and statements that take turns.
    240_000,
  );

  it('leave nothing untested, and only what is too much for a test to its --help', () => {
    const said = (kind: Saying['way']['kind']) =>
      pages.flatMap(({ name, sayings }) =>
        sayings.filter(({ way }) => way.kind === kind).map(({ text }) => `${name}: ${text}`),
      );
    expect(said('untested')).toEqual([]);
    expect(said('help')).toEqual([
      'CanaryFound: npm run --silent proof:canary -- --keep',
      'CurrentVersionWithoutWorkers: npm run --silent ops:version -- current --by YOU --build ID',
      'MasterKeyOld: npm run --silent vault:rotate',
      'NoCurrentVersion: npm run --silent ops:version -- current --by YOU',
      'ProofStale: npm run --silent proof:check -- --prometheus FILE',
      'ProofViolations: npm run --silent proof:check -- --json FILE',
      'ProofViolations: npm run --silent proof:check',
    ]);
    expect(Object.keys(SITUATIONS).filter((name) => !pages.some((page) => page.name === name))).toEqual([]);
  });

  it('call things by names that they have, and type nothing outside of a block', async () => {
    const words = await knownWords();
    const alerts = new Set((await alertRules()).map(({ alert }) => alert));
    const isName = (word: string) => words.has(word) || isMetric(word) || isMetric(`${word}_bucket`);
    const strange = pages.flatMap(({ name, prose }) => {
      const quoted = [...prose.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
      const typed = quoted.filter((text) =>
        /^(npm|npx|node|psql|curl|select|update|insert) |[()=]/.test(text),
      );
      const inside = quoted.flatMap((text) => text.match(/[A-Za-z][A-Za-z0-9_]*[A-Za-z0-9]/g) ?? []);
      const unknown = inside.filter((word) => !isName(word));
      const gone = (prose.match(/\b(?:[A-Z][a-z]+){2,}\b/g) ?? []).filter(
        (word) => !alerts.has(word) && !words.has(word),
      );
      return [...typed, ...unknown, ...gone].map((text) => `${name}: ${text}`);
    });
    expect(strange).toEqual([]);
  });

  it('of what they closed nothing is open, and what they decided has happened', async () => {
    const open = await world.sql<{ kind: string }>(
      `select kind from cases where merchant_id = $1 and state = 'open' order by kind`,
      [world.merchant],
    );
    const machines = ['not_sent', 'refund_unknown', 'unknown_too_long'];
    expect(open.filter(({ kind }) => !machines.includes(kind))).toEqual([]);
    const [refund, review] = [scenes.ofCases.get('refund_unknown'), scenes.ofCases.get('review')];
    await until(
      'the refund has failed',
      () => world.sql<{ state: string }>('select state from operations where id = $1', [refund?.ref]),
      ([row]) => row?.state === 'failed',
    );
    await until(
      'the review is approved',
      () => world.get(`/v1/payments/${review?.pay ?? ''}`),
      ({ body }) => body['status'] === 'authorized',
    );
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { foreignEnvironment } from '../../platform/config.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { sharedPartsFolder } from '../parts/programs.ts';
import { prometheusProgram } from '../parts/prometheus.ts';
import { loadStackSettings } from '../settings.ts';
import {
  alertRules,
  dashboards,
  DEPLOY,
  expressions,
  metricsIn,
  type AlertRule,
} from '../testing/metric-names.ts';
import { runbookPages } from '../testing/runbook-pages.ts';
import { prometheusConfig } from './prometheus-config.ts';

/**
 * The promise: an alert fires on what it is for and not on a system that is well, and whoever it wakes
 * finds a page that says what to do. What is shown is asked for correctly.
 */
const run = promisify(execFile);
const FOLDER = join(DEPLOY, 'prometheus');
const PARTS = ['**Means.**', '**See it.**', '**Do.**', '**Know it worked.**'];
const LIMIT_MS = 150_000;

let rules: readonly AlertRule[] = [];
let promtool: string | null = null;
let why = '';

beforeAll(async () => {
  rules = await alertRules();
  promtool = await prometheusProgram('promtool', {
    partsFolder: sharedPartsFolder(loadStackSettings().partsFolder),
    env: foreignEnvironment(),
    say: () => undefined,
  }).catch((error: unknown) => {
    why = error instanceof Error ? error.message : String(error);
    return null;
  });
}, LIMIT_MS);

async function ask(...args: readonly string[]): Promise<void> {
  if (promtool === null) throw new Error('there is no promtool');
  try {
    await run(promtool, args, { cwd: FOLDER });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool: ${stdout ?? ''}${stderr ?? String(error)}`, { cause: error });
  }
}

describe('the alerts', () => {
  it('have each a page that says what it means, how to see it, what to do and how to know it worked', async () => {
    expect(rules.length).toBeGreaterThan(25);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook_url).toBe(`docs/runbooks/${alert}.md`);
      const page = await readFile(join(packageRoot(), annotations.runbook_url), 'utf8');
      expect(page, alert).toContain(annotations.summary);
      for (const part of PARTS) expect(page, alert).toContain(part);
    }
    // And no page is about an alert that is gone.
    const pages = (await runbookPages()).filter(({ of }) => of === 'alert').map(({ name }) => name);
    expect(pages.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it('name only commands and pages that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const folder = join(packageRoot(), 'docs', 'runbooks');
    const pages = await readdir(folder);
    for (const { alert } of rules) {
      const text = await readFile(join(folder, `${alert}.md`), 'utf8');
      for (const [, script = ''] of text.matchAll(/npm run (?:--silent )?([a-z:-]+)/g))
        expect(scripts, `${alert}: npm run ${script}`).toHaveProperty([script]);
      for (const [, link = ''] of text.matchAll(/\]\(([^)#]+)\)/g))
        if (link.startsWith('../')) await readFile(join(folder, link), 'utf8');
        else expect(pages, `${alert} links to ${link}`).toContain(link);
    }
  });

  it('are each shown firing, and silent when all is well', async () => {
    const { tests } = parse(await readFile(join(FOLDER, 'alerts.test.yml'), 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const shown = tests.flatMap(({ alert_rule_test: all }) => all);
    const names = (fires: boolean) =>
      [
        ...new Set(
          shown.filter(({ exp_alerts: all }) => all.length > 0 === fires).map((one) => one.alertname),
        ),
      ].sort();
    const all = rules.map(({ alert }) => alert).sort();
    expect(names(true)).toEqual(all);
    expect(names(false)).toEqual(all);
  });

  it(
    'do what their tests say, by promtool',
    async ({ skip }) => {
      if (promtool === null) skip(why);
      await ask('check', 'rules', 'alerts.yml');
      await ask('test', 'rules', 'alerts.test.yml');
    },
    LIMIT_MS,
  );

  it('are kept by the Prometheus of npm run dashboard', async ({ skip }) => {
    if (promtool === null) skip(why);
    const folder = await mkdtemp(join(tmpdir(), 'quittance-prometheus-'));
    const config = prometheusConfig(
      { api: 'http://127.0.0.1:9464/metrics', payments: 'http://127.0.0.1:9465/metrics' },
      join(FOLDER, 'alerts.yml'),
    );
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
    await ask('check', 'config', join(folder, 'prometheus.yml'));
    await rm(folder, { recursive: true });
  });
});

describe('the dashboards and runbooks', () => {
  it('are whole: panels with a unit and a word of what they show, beside each other and not on top', async () => {
    const all = await dashboards();
    expect([...all.keys()].sort()).toEqual([
      'acquirers.json',
      'money.json',
      'service.json',
      'vault.json',
      'workers.json',
    ]);
    expect(new Set([...all.values()].map(({ uid }) => uid)).size).toBe(all.size);
    for (const [file, { panels, templating }] of all) {
      expect(templating.list).toMatchObject([{ name: 'datasource', type: 'datasource' }]);
      expect(new Set(panels.map(({ id }) => id)).size, file).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
        expect(x + w, file).toBeLessThanOrEqual(24);
        return Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`);
      });
      expect(new Set(cells).size, file).toBe(cells.length);
    }
  });

  it('ask in PromQL that Prometheus understands', async ({ skip }) => {
    if (promtool === null) skip(why);
    const folder = await mkdtemp(join(tmpdir(), 'quittance-prometheus-'));
    const path = join(folder, 'rules.yml');
    const typed = (await runbookPages()).flatMap(({ sayings }) =>
      sayings.filter(({ way }) => way.kind === 'promql').map(({ text }) => text),
    );
    expect(typed.length).toBeGreaterThan(5);
    const all = [...(await expressions()).map(({ expr }) => expr), ...typed];
    const asRules = all.map((expr, at) => ({ record: `panel:${at}`, expr }));
    await writeFile(path, JSON.stringify({ groups: [{ name: 'panels', rules: asRules }] }));
    await ask('check', 'rules', path);
    await rm(folder, { recursive: true });
  });
});

describe('the reader of PromQL', () => {
  it('finds the names of metrics, and nothing else', () => {
    expect(
      metricsIn(
        'histogram_quantile(0.95, sum by (le, task_queue) (rate(a_bucket{kind="b_c"}[5m]))) - on() max(d_seconds) > 0.2 and absent(e) or (time() - f > 1)',
      ),
    ).toEqual(['a_bucket', 'd_seconds', 'e', 'f']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { knownMetrics } from '../../temporal-dev/testing/known-metrics.ts';
import { expressions, matchersIn, metricsIn } from '../../temporal-dev/testing/metric-names.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { canaryPrometheusOf } from '../canary/prometheus.ts';
import { prometheusOf } from '../check/prometheus.ts';
import { GOOD_CARD, openWorld, sale, type World } from '../support/world.ts';

/** The promise: what is measured can be read, counts what happened, and names nobody. */

const DECLINED_CARD = '4000000000000002';
const READ_LIMIT_MS = 20_000;

let world: World;
beforeAll(async () => {
  world = await openWorld(stackRunFile());
});
afterAll(() => world.close());

async function page(role: string): Promise<string> {
  const { metrics } = await world.run();
  const answer = await fetch(metrics[role] ?? `no metrics of ${role}`);
  expect(answer.status, role).toBe(200);
  return answer.text();
}

/** The sum of the lines of one name that have all of these labels. */
function sumOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

describe('metrics', () => {
  it('count a sale, a decline and a refused request where each of them happens', async () => {
    const [apiBefore, paymentsBefore, vaultBefore] = await Promise.all(
      ['api', 'payments', 'vault'].map(page),
    );
    expect((await world.post('/v1/payments', sale(GOOD_CARD))).body).toMatchObject({ status: 'captured' });
    expect((await world.post('/v1/payments', sale(DECLINED_CARD))).body).toMatchObject({
      status: 'declined',
    });
    expect((await world.post('/v1/payments', {})).status).toBe(400);

    const route = { method: 'POST', route: '/v1/payments' };
    const grown = (after = '', before = '', name = '', labels = {}) =>
      sumOf(after, name, labels) - sumOf(before, name, labels);
    await waitUntil('the counters show it', READ_LIMIT_MS, async () => {
      const [api, payments, vault] = await Promise.all(['api', 'payments', 'vault'].map(page));
      const given = { operation: 'detokenize', outcome: 'ok' };
      return (
        grown(api, apiBefore, 'payment_requests_total', route) === 3 &&
        grown(api, apiBefore, 'payment_success_total', route) === 2 &&
        grown(api, apiBefore, 'payment_error_total', route) === 1 &&
        grown(api, apiBefore, 'payment_latency_seconds_count', route) === 3 &&
        grown(payments, paymentsBefore, 'acquirer_outcomes_total', { outcome: 'approved' }) === 1 &&
        grown(payments, paymentsBefore, 'acquirer_outcomes_total', { outcome: 'declined' }) === 1 &&
        grown(vault, vaultBefore, 'vault_calls_total', { operation: 'stage', outcome: 'ok' }) === 2 &&
        grown(vault, vaultBefore, 'vault_calls_total', { operation: 'tokenize', outcome: 'ok' }) === 2 &&
        // Also by an acquirer's worker that asks again.
        grown(vault, vaultBefore, 'vault_calls_total', given) >= 2 &&
        grown(vault, vaultBefore, 'vault_call_seconds_count', { operation: 'detokenize' }) >= 2
      );
    });
  });

  it('show what waits, the slots of every worker, and how its Temporal tasks fare', async () => {
    const backOffice = await page('back-office');
    const vault = await page('vault');
    expect(sumOf(vault, 'kms_call_seconds_count', { outcome: 'ok' })).toBeGreaterThan(0);
    for (const line of [
      'vault_security_codes_left_over',
      'vault_staged_cards_left_over',
      'vault_alarms_total',
    ])
      expect(vault, line).toMatch(new RegExp(`^${line}\\{.*\\} 0$`, 'm'));
    for (const name of [
      'commands_pending',
      'unknown_age_seconds',
      'case_age_seconds',
      'outbox_lag_seconds',
    ]) {
      expect(sumOf(backOffice, name), name).toBeGreaterThanOrEqual(0);
    }
    for (const role of ['payments', 'acquirers', 'webhooks']) {
      const text = await page(role);
      expect(sumOf(text, 'temporal_worker_task_slots_available'), role).toBeGreaterThan(0);
      expect(sumOf(text, 'temporal_num_pollers'), role).toBeGreaterThan(0);
    }
    expect(await page('payments')).toContain(
      'temporal_workflow_task_schedule_to_start_latency_seconds_bucket',
    );
  });

  it('are all there that an alert or a dashboard asks for', async () => {
    const { metrics } = await world.run();
    const pages = await Promise.all(Object.keys(metrics).map(page));
    const report = { at: '', checks: [], violationCount: 0, broken: 0, seconds: 0 };
    const nothing = { searched: [], missed: [] };
    const known = await knownMetrics([
      ...pages,
      prometheusOf(report, new Date()),
      canaryPrometheusOf(nothing, new Date()),
    ]);
    const missing = (await expressions()).flatMap(({ of, expr }) =>
      metricsIn(expr)
        .filter((name) => !known(name))
        .map((name) => `${of}: ${name}`),
    );
    expect(missing).toEqual([]);
    // The search checks itself.
    expect(known('temporal_workflow_task_execution_failed_total')).toBe(true);
    expect(known('temporal_workflow_tasks_that_nobody_counts_total')).toBe(false);
    expect(known('payment_latency_seconds_bucket')).toBe(true);
  });

  it('have the labels that an alert or a dashboard asks for, and their kinds and routes are real', async () => {
    const { metrics } = await world.run();
    const pages = await Promise.all(Object.keys(metrics).map(page));
    const valuesOf = (metric: string, label: string): readonly string[] =>
      pages.flatMap((text) =>
        text
          .split('\n')
          .filter((line) => line.startsWith(`${metric}{`))
          .map((line) => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? ''),
      );
    // What Prometheus itself adds is in its configuration.
    const matchers = (await expressions()).flatMap(({ of, expr }) =>
      matchersIn(expr).flatMap((matcher) => (matcher.label === 'job' ? [] : [{ of, ...matcher }])),
    );
    const missing = matchers.flatMap(({ of, metric, label, takes }) => {
      // What has not happened yet has no line; and an outcome or a code may never have come.
      const values = valuesOf(metric, label);
      if (values.length === 0) return [];
      const known = ['kind', 'route', 'method', 'operation'].includes(label)
        ? values.some(takes)
        : values.some((value) => value !== '');
      return known ? [] : [`${of}: ${metric}{${label}} is ${[...new Set(values)].join()}`];
    });
    expect(missing).toEqual([]);
    const kinds = valuesOf('acquirer_outcomes_total', 'kind');
    expect(kinds).toContain('sale');
    // The search checks itself.
    expect(matchersIn('rate(a{kind="authorize",x!="y"}[5m])').map(({ takes }) => kinds.some(takes))).toEqual([
      false,
    ]);
  });

  it('never name a payment, a merchant or a card', async () => {
    const { metrics } = await world.run();
    for (const role of Object.keys(metrics)) {
      const named = /\b(pay|mer|cmd|att|evt|case|card)_[0-9a-z]{20,}|\d{12,19}"/;
      expect(
        (await page(role)).split('\n').filter((line) => named.test(line)),
        role,
      ).toEqual([]);
    }
  });
});

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../platform/package-root.ts';

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.strictObject({ summary: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
});
export type AlertRule = z.infer<typeof rulesSchema>['groups'][number]['rules'][number];

const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string().min(1),
      type: z.enum(['timeseries', 'stat']),
      description: z.string().min(1),
      datasource: z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') }),
      gridPos: z.object({ h: z.number(), w: z.number(), x: z.number(), y: z.number() }),
      fieldConfig: z.object({ defaults: z.object({ unit: z.string().min(1) }) }),
      targets: z
        .array(z.object({ refId: z.string(), expr: z.string().min(1), legendFormat: z.string() }))
        .min(1),
    }),
  ),
});
export type Dashboard = z.infer<typeof dashboardSchema>;

export const DEPLOY = join(packageRoot(), 'deploy');

/** The alerts of deploy/prometheus. */
export async function alertRules(): Promise<readonly AlertRule[]> {
  const text = await readFile(join(DEPLOY, 'prometheus', 'alerts.yml'), 'utf8');
  return rulesSchema.parse(parse(text)).groups.flatMap(({ rules }) => rules);
}

/** The dashboards of deploy/grafana, by file. */
export async function dashboards(): Promise<ReadonlyMap<string, Dashboard>> {
  const folder = join(DEPLOY, 'grafana');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return new Map(
    await Promise.all(
      files.map(async (file) => {
        const text = await readFile(join(folder, file), 'utf8');
        return [file, dashboardSchema.parse(JSON.parse(text))] as const;
      }),
    ),
  );
}

/** Words of PromQL that are no metric. */
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/** The names of the metrics that an expression of PromQL asks for. */
export function metricsIn(expression: string): readonly string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, ' ')
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const words = bare.match(/[A-Za-z_:][A-Za-z0-9_:]*(?!\s*\(|[A-Za-z0-9_:])/g) ?? [];
  return [...new Set(words.filter((word) => !WORDS.has(word.toLowerCase())))];
}

/** What an expression asks of the labels of a metric. */
export interface LabelMatcher {
  readonly metric: string;
  readonly label: string;
  /** Whether a series with that value would be taken. */
  readonly takes: (value: string) => boolean;
}

/** The positive matchers (`=`, `=~`) of every selector of an expression. */
export function matchersIn(expression: string): readonly LabelMatcher[] {
  return [...expression.matchAll(/([A-Za-z_:][A-Za-z0-9_:]*)\{([^}]*)\}/g)].flatMap(
    ([, metric = '', matchers = '']) =>
      [...matchers.matchAll(/(\w+)(=~|=)"((?:[^"\\]|\\.)*)"/g)].map(([, label = '', how, text = '']) => {
        const pattern = new RegExp(`^(?:${text})$`);
        return { metric, label, takes: (value) => (how === '=' ? value === text : pattern.test(value)) };
      }),
  );
}

/** Every expression that somebody rests on, and who. */
export async function expressions(): Promise<readonly { readonly of: string; readonly expr: string }[]> {
  const rules = (await alertRules()).map(({ alert, expr }) => ({ of: alert, expr }));
  const panels = [...(await dashboards())].flatMap(([file, { panels: all }]) =>
    all.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ of: `${file}: ${title}`, expr }))),
  );
  return [...rules, ...panels];
}

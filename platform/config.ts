import { ACQUIRERS_SETTINGS } from './settings/acquirers.ts';
import { API_SETTINGS } from './settings/api.ts';
import { BACK_OFFICE_SETTINGS } from './settings/back-office.ts';
import { COMMON_SETTINGS } from './settings/common.ts';
import { GATEWAY_SETTINGS } from './settings/gateway.ts';
import { HISTORY_EXPORT_SETTINGS } from './settings/history-export.ts';
import { KEYS_SETTINGS } from './settings/keys.ts';
import { STORES_SETTINGS } from './settings/stores.ts';
import { VAULT_SETTINGS } from './settings/vault.ts';
import type { Setting } from './settings/setting.ts';
import { unprotectedLinks } from './plain-links.ts';

/**
 * Every setting of every process: one table, parsed once at start, frozen. Nothing else reads
 * `process.env`. A process names the keys it needs and gets exactly those, typed;
 * docs/configuration.md is made from this table, in its order.
 */
export const SETTINGS = {
  ...COMMON_SETTINGS,
  ...STORES_SETTINGS,
  ...KEYS_SETTINGS,
  ...VAULT_SETTINGS,
  ...API_SETTINGS,
  ...GATEWAY_SETTINGS,
  ...ACQUIRERS_SETTINGS,
  ...BACK_OFFICE_SETTINGS,
  ...HISTORY_EXPORT_SETTINGS,
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
type ValueOf<N extends SettingName> = (typeof SETTINGS)[N] extends Setting<infer T> ? T : never;
export type Config<N extends SettingName> = Readonly<{ [K in N]: ValueOf<K> }>;

/** What is wrong with the environment, every setting at once, so that one restart mends all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the named settings from `env` (default: the process environment), parsed and frozen.
 * @throws ConfigError that lists every missing or malformed variable, and every address without TLS off the
 *   own machine that `QUITTANCE_PLAIN_HOSTS` does not name; secret values are not shown.
 */
export function loadConfig<const N extends SettingName>(
  names: readonly N[],
  env: Environment = process.env,
): Config<N> {
  const { values, problems } = readSettings(SETTINGS, names, env);
  refuseIfAny([...new Set([...problems, ...plainProblems(values, env)])]);
  return Object.freeze(values) as Config<N>;
}

/** Whoever reads an address is held to this, whether it reads the setting that allows it or not. */
function plainProblems(values: Partial<Config<SettingName>>, env: Environment): readonly string[] {
  const { values: allowing, problems } = readSettings(SETTINGS, ['plainHosts'], env);
  const { plainHosts: allowed = [] } = allowing as Partial<Config<'plainHosts'>>;
  if (problems.length > 0) return problems;
  return unprotectedLinks(values, allowed).map(({ setting, host, what, remedy, allowable }) => {
    const otherwise = allowable
      ? `, or, where something else seals the way (a mesh, what ends TLS), name ${host} in ${SETTINGS.plainHosts.env}`
      : '; no setting allows it otherwise';
    return `${SETTINGS[setting].env}: ${what} is reached without TLS at ${host}: ${remedy}${otherwise}`;
  });
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** As loadConfig, for a table other than SETTINGS (a development tool's own). */
export function loadSettings<Table extends Readonly<Record<string, Setting<unknown>>>, N extends keyof Table>(
  table: Table,
  names: readonly N[],
  env: Environment = process.env,
): Readonly<{ [K in N]: Table[K] extends Setting<infer T> ? T : never }> {
  const { values, problems } = readSettings(table, names, env);
  refuseIfAny(problems);
  return Object.freeze(values) as Readonly<{ [K in N]: Table[K] extends Setting<infer T> ? T : never }>;
}

/** What can be read, and what is wrong with the rest. */
function readSettings<Table extends Readonly<Record<string, Setting<unknown>>>, N extends keyof Table>(
  table: Table,
  names: readonly N[],
  env: Environment,
): { readonly values: Partial<Record<N, unknown>>; readonly problems: readonly string[] } {
  const values: Partial<Record<N, unknown>> = {};
  const problems: string[] = [];
  for (const name of names) {
    const { env: variable, schema, unit, fallback, secret } = table[name] as Setting<unknown>;
    const raw = env[variable] ?? fallback;
    if (raw === null) {
      problems.push(`${variable} is not set (${unit})`);
      continue;
    }
    const parsed = schema.safeParse(raw === '' ? null : raw);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${variable}=${secret ? '…' : raw} is not a valid ${unit}: ${parsed.error.issues[0]?.message ?? ''}`,
      );
  }
  return { values, problems };
}

/** @throws ConfigError */
function refuseIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigError(`configuration:\n  ${problems.join('\n  ')}`);
}

/** The variables that are not ours (PATH, HOME, proxies …): what a program that we start may inherit. */
export function foreignEnvironment(env: Environment = process.env): Record<string, string> {
  const foreign: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !name.startsWith('QUITTANCE_')) foreign[name] = value;
  }
  return foreign;
}

/** Every variable, for a program of ours that reads its own settings. */
export function wholeEnvironment(): Environment {
  return process.env;
}

/** The named settings as they stand in `env`, unparsed, for a process that is started with them. */
export function presentSettings(
  names: readonly SettingName[],
  env: Environment = process.env,
): Record<string, string> {
  const present: Record<string, string> = {};
  for (const name of names) {
    const value = env[SETTINGS[name].env];
    if (value !== undefined) present[SETTINGS[name].env] = value;
  }
  return present;
}

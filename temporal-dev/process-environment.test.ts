import { describe, expect, it } from 'vitest';
import { loadConfig, SETTINGS } from '../platform/config.ts';
import type { SettingName } from '../platform/config.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import type { ProcessRole } from '../platform/process-settings.ts';
import { composeFacts } from './compose/facts.ts';
import { processEnvironment } from './process-environment.ts';

const ROLES = Object.keys(PROCESS_SETTINGS) as ProcessRole[];
const facts = composeFacts();

describe('the environment of a process', () => {
  it.each(ROLES)('of %s has everything that it cannot start without', (role) => {
    expect(() => loadConfig(PROCESS_SETTINGS[role], processEnvironment(role, facts, {}))).not.toThrow();
  });

  it.each(ROLES)('of %s has no secret but its own', (role) => {
    const environment = processEnvironment(role, facts, {
      QUITTANCE_VAULT_DATABASE_URL: 'postgres://x',
      QUITTANCE_FINGERPRINT_SECRET: 'y',
    });
    const own = PROCESS_SETTINGS[role].map((name) => SETTINGS[name].env);
    expect(own).toEqual(expect.arrayContaining(Object.keys(environment)));
  });

  it('passes on what the caller sets, but not over the addresses of the stack', () => {
    const environment = processEnvironment('payments', facts, {
      QUITTANCE_LOG_LEVEL: 'debug',
      QUITTANCE_DATABASE_URL: 'postgres://elsewhere/db',
    });
    expect(environment['QUITTANCE_LOG_LEVEL']).toBe('debug');
    expect(environment['QUITTANCE_DATABASE_URL']).toBe(facts.addresses.postgres.urls.worker);
  });

  it('uses every setting there is, each once per process', () => {
    const used = new Set<SettingName>(
      ROLES.flatMap((role): readonly SettingName[] => PROCESS_SETTINGS[role]),
    );
    expect([...used].sort()).toEqual(Object.keys(SETTINGS).sort());
    for (const role of ROLES)
      expect(new Set(PROCESS_SETTINGS[role]).size, role).toBe(PROCESS_SETTINGS[role].length);
  });
});

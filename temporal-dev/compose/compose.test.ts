import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { loadConfig, SETTINGS } from '../../platform/config.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { PROCESS_SETTINGS } from '../../platform/process-settings.ts';
import type { ProcessRole } from '../../platform/process-settings.ts';
import { PART_NAMES } from '../part-names.ts';
import { DYNAMIC_CONFIG } from '../parts/temporal-dynamic-config.ts';
import { composeFile, dynamicConfigFile } from './services.ts';

/**
 * docker-compose.yml and the dynamic configuration are written by these tests (vitest --update)
 * from the tables that the stack on one machine uses: never by hand.
 */
const run = promisify(execFile);
const root = packageRoot();
const composePath = join(root, 'docker-compose.yml');
const asYaml = (head: string, content: object) =>
  `# ${head}\n# Written from temporal-dev/compose/services.ts: npx vitest run --project unit temporal-dev/compose --update\n${stringify(content, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true })}`;

// The part of the Compose specification that we use, strictly: a misspelt key is an error.
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully']);
const composeSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  services: z.record(
    z.string().regex(/^[a-zA-Z0-9._-]+$/),
    z.strictObject({
      image: z.string(),
      build: z.strictObject({ context: z.string() }).optional(),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      depends_on: z.record(z.string(), z.strictObject({ condition })).optional(),
      ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'published on 127.0.0.1 only')).optional(),
      volumes: z.array(z.string().regex(/^[^:]+:\/[^:]+(:ro)?$/)).optional(),
      network_mode: z
        .string()
        .regex(/^service:/)
        .optional(),
      healthcheck: z
        .strictObject({
          test: z.array(z.string()).min(2),
          interval: duration,
          timeout: duration,
          retries: z.number().int().positive(),
        })
        .optional(),
      restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
      stop_grace_period: duration.optional(),
      ulimits: z.record(z.string(), z.int()).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.strictObject({})),
});

async function readCompose() {
  return composeSchema.parse(parse(await readFile(composePath, 'utf8')));
}

describe('docker-compose.yml', () => {
  it('is what the tables of the stack say', async () => {
    await expect(asYaml('The stack in containers, for development.', composeFile())).toMatchFileSnapshot(
      composePath,
    );
  });

  it('has every part of the stack on one machine, and nothing in it refers to what is not there', async () => {
    const { services, volumes } = await readCompose();
    expect(Object.keys(services)).toEqual(expect.arrayContaining(PART_NAMES));
    for (const [name, service] of Object.entries(services)) {
      for (const [needed, { condition: state }] of Object.entries(service.depends_on ?? {})) {
        expect(services, `${name} depends on ${needed}`).toHaveProperty([needed]);
        if (state === 'service_healthy')
          expect(services[needed]?.healthcheck, `health of ${needed}`).toBeDefined();
      }
      const shared = service.network_mode?.slice('service:'.length);
      if (shared !== undefined) expect(services, `network of ${name}`).toHaveProperty([shared]);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (!source.startsWith('.')) expect(volumes, `volume of ${name}`).toHaveProperty([source]);
      }
    }
  });

  it('takes nothing from the environment of whoever starts it', async () => {
    expect(await readFile(composePath, 'utf8')).not.toContain('$');
  });

  it('pins every image to a version', async () => {
    const { services } = await readCompose();
    for (const { image, build } of Object.values(services)) {
      if (build === undefined) expect(image).toMatch(/^[a-z0-9/-]+:\d+\.\d+/);
    }
  });

  it.each(Object.keys(PROCESS_SETTINGS) as ProcessRole[])(
    'gives %s all settings that it needs, and no other',
    async (role) => {
      const { services } = await readCompose();
      const environment = services[role]?.environment ?? {};
      expect(() => loadConfig(PROCESS_SETTINGS[role], environment)).not.toThrow();
      const own = PROCESS_SETTINGS[role].map((name) => SETTINGS[name].env);
      expect(own).toEqual(expect.arrayContaining(Object.keys(environment)));
    },
  );

  it('is accepted by docker compose, where that is installed', async ({ skip }) => {
    const version = await run('docker', ['compose', 'version']).catch(() => null);
    if (version === null) skip('docker compose is not installed');
    await run('docker', ['compose', '--file', composePath, 'config', '--quiet']);
  });
});

describe('the dynamic configuration of the Temporal server', () => {
  const path = join(root, 'temporal-dev', 'compose', 'dynamic-config.yaml');

  it('is the same in a container as on one machine', async () => {
    await expect(
      asYaml('Dynamic configuration of the Temporal server.', dynamicConfigFile()),
    ).toMatchFileSnapshot(path);
    const file = parse(await readFile(path, 'utf8')) as Record<string, [{ value: unknown }]>;
    expect(Object.fromEntries(Object.entries(file).map(([key, [{ value }]]) => [key, value]))).toEqual(
      DYNAMIC_CONFIG,
    );
  });
});

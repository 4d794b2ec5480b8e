import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { loadConfig, SETTINGS } from '../../platform/config.ts';
import { DEPLOYMENTS } from '../../platform/deployments.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { PROCESS_SETTINGS, type ProcessRole } from '../../platform/process-settings.ts';
import { parse } from 'yaml';
import { BACK_OFFICE_TASK_QUEUE } from '../../workflows/upkeep/upkeep.contract.ts';
import { PAYMENTS_TASK_QUEUE } from '../../workflows/payment/payment.contract.ts';
import { WEBHOOKS_TASK_QUEUE } from '../../workflows/webhook-delivery/webhook-delivery.contract.ts';
import { ACQUIRER_WIRES } from '../addresses.ts';
import { composeFacts } from '../compose/facts.ts';
import { METRICS_PORTS } from '../metrics-ports.ts';
import { processEnvironment, UNGUARDED } from '../process-environment.ts';
import { metricsIn } from '../testing/metric-names.ts';
import { manifests, nameOf, secretKeysOf, type Manifest } from './manifests.ts';

/**
 * The promise: what deploy/kubernetes describes is what the stack on one machine runs, in a form that
 * Kubernetes and KEDA take. The file is written by this test (vitest --update), never by hand.
 */
const path = join(packageRoot(), 'deploy', 'kubernetes', 'quittance.yml');
const HEAD =
  '# Our processes in a cluster. Written from temporal-dev/kubernetes: npx vitest run --project unit temporal-dev/kubernetes --update\n';
const ROLES = Object.keys(PROCESS_SETTINGS) as ProcessRole[];

interface Validated {
  validate(): void;
}
/** The models check an object against the schema of its kind. */
const MODELS: Readonly<Record<string, new (data: never) => Validated>> = {
  ConfigMap,
  Deployment,
  Job,
  PersistentVolumeClaim,
  ScaledObject,
  Service,
};

async function written(): Promise<readonly Manifest[]> {
  return parseAllDocuments(await readFile(path, 'utf8')).map((document) => document.toJS() as Manifest);
}

interface Container {
  readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
}

function validate(manifest: Manifest): void {
  const Model = MODELS[manifest.kind];
  if (Model === undefined) throw new Error(`no schema of ${manifest.kind}`);
  new Model(manifest as never).validate();
}

function ofKind(all: readonly Manifest[], kind: string, role: ProcessRole): Manifest | undefined {
  return all.find((one) => one.kind === kind && one.metadata.name === nameOf(role));
}

describe('deploy/kubernetes', () => {
  it('is what the tables of the stack say', async () => {
    const text = manifests()
      .map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true }))
      .join('---\n');
    await expect(`${HEAD}${text}`).toMatchFileSnapshot(path);
  });

  it('is taken by the schemas of Kubernetes and KEDA, which refuse what they do not know', async () => {
    const all = await written();
    for (const manifest of all) expect(() => validate(manifest), manifest.metadata.name).not.toThrow();
    const deployment = all.find(({ kind }) => kind === 'Deployment');
    if (deployment === undefined) throw new Error('there is no deployment');
    const broken = structuredClone(deployment) as unknown as { spec: { replicas: unknown } };
    broken.spec.replicas = 'two';
    expect(() => validate(broken as unknown as Manifest)).toThrow(/replicas/);
  });

  it.each(ROLES)(
    'gives %s all settings that it needs, secrets by a Secret and none in the file',
    async (role) => {
      const config = ofKind(await written(), 'ConfigMap', role)?.['data'] as Record<string, string>;
      const whole = processEnvironment(role, composeFacts(), {});
      const secrets = Object.fromEntries(
        secretKeysOf(role).flatMap((key) => (whole[key] === undefined ? [] : [[key, whole[key]]])),
      );
      expect(() => loadConfig(PROCESS_SETTINGS[role], { ...config, ...secrets })).not.toThrow();
      for (const key of secretKeysOf(role)) expect(config, key).not.toHaveProperty(key);
      for (const { env, secret } of Object.values(SETTINGS))
        if (secret) expect(config).not.toHaveProperty(env);
    },
  );

  it.each(ROLES)('mounts every certificate and key file that the settings of %s name', async (role) => {
    const all = await written();
    const config = ofKind(all, 'ConfigMap', role)?.['data'] as Record<string, string>;
    const { template } = ofKind(all, 'Deployment', role)?.['spec'] as {
      template: { spec: { volumes: { secret?: { items?: { key: string; path: string }[] } }[] } };
    };
    const items = template.spec.volumes.flatMap(({ secret }) => secret?.items ?? []);
    const named = Object.values(config).filter((value) => value.startsWith('/data/certificates/'));
    expect(items.map(({ path: file }) => `/data/certificates/${file}`).sort()).toEqual(named.sort());
    // As Kubernetes takes them.
    for (const { key } of items) expect(key).toMatch(/^[-._a-zA-Z0-9]+$/);
    expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
  });

  it('lets cards come to the vault by TLS alone: without its certificate it does not start', async () => {
    const config = ofKind(await written(), 'ConfigMap', 'vault')?.['data'] as Record<string, string>;
    const given = ['vaultPublicCertificate', 'vaultPublicKey'] as const;
    const without = Object.fromEntries(
      Object.entries(config).filter(([key]) => !given.some((name) => SETTINGS[name].env === key)),
    );
    const listening = ['listenHost', 'vaultPublicPort', 'plainHosts', ...given] as const;
    expect(() => loadConfig(listening, config)).not.toThrow();
    expect(() => loadConfig(listening, without)).toThrow(/address for pages/);
  });

  it.each(ROLES)('leaves %s every limit and guard that a stack on one machine does without', async (role) => {
    const config = ofKind(await written(), 'ConfigMap', role)?.['data'] as Record<string, string>;
    for (const name of Object.keys(UNGUARDED) as (keyof typeof UNGUARDED)[])
      expect(config).not.toHaveProperty(SETTINGS[name].env);
  });

  it('runs the same processes as docker-compose.yml, with the same programs', async () => {
    const compose = parse(await readFile(join(packageRoot(), 'docker-compose.yml'), 'utf8')) as {
      services: Record<string, { command: string[] }>;
    };
    for (const role of ROLES) {
      const deployment = ofKind(await written(), 'Deployment', role) as unknown as {
        spec: { template: { spec: { containers: { command: string[] }[] } } };
      };
      expect(deployment.spec.template.spec.containers[0]?.command.slice(-3)).toEqual(
        compose.services[role]?.command,
      );
    }
  });

  it('runs every process with core dumps off, soft and hard limit, and as the first process of its pod', async () => {
    for (const role of ROLES) {
      const deployment = ofKind(await written(), 'Deployment', role) as unknown as {
        spec: { template: { spec: { containers: { command: string[] }[] } } };
      };
      const [shell, ...rest] = deployment.spec.template.spec.containers[0]?.command.slice(0, -3) ?? [];
      const { stdout } = await promisify(execFile)(shell ?? '', [
        ...rest,
        process.execPath,
        '-e',
        "process.stdout.write(process.ppid + ' ' + require('node:fs').readFileSync('/proc/self/limits', 'utf8'))",
      ]);
      expect(stdout, role).toMatch(/^Max core file size\s+0\s+0\s/m);
      // The shell has become it: a signal of Kubernetes reaches it.
      expect(stdout, role).toMatch(new RegExp(`^${process.pid} `));
    }
  });

  it('gives the work to the build of its own image, with the program that docker-compose.yml has', async () => {
    const compose = parse(await readFile(join(packageRoot(), 'docker-compose.yml'), 'utf8')) as {
      services: Record<string, { command: string[] }>;
    };
    const all = await written();
    const containersOf = (manifest: Manifest): readonly { image: string; command: string[] }[] =>
      (manifest as unknown as { spec: { template: { spec: { containers: [] } } } }).spec.template.spec
        .containers;
    const jobs = all.filter(({ kind }) => kind === 'Job').flatMap(containersOf);
    expect(jobs).toHaveLength(DEPLOYMENTS.length);
    for (const { command } of jobs)
      expect(command.slice(0, 3)).toEqual(compose.services['versions']?.command.slice(0, 3));
    const images = all.filter(({ kind }) => kind === 'Deployment' || kind === 'Job').flatMap(containersOf);
    expect(new Set(images.map(({ image }) => image)).size).toBe(1);
  });

  it.each(DEPLOYMENTS)(
    'gives a new build of %s its work when as many pods have it as had it',
    async (pool) => {
      const all = await written();
      const { strategy, replicas } = ofKind(all, 'Deployment', pool)?.['spec'] as {
        strategy: { type: string; rollingUpdate?: { maxUnavailable: number; maxSurge: unknown } };
        replicas: number;
      };
      // No new pod is ready before: with fewer at once, a rollout would stop at those.
      if (strategy.type !== 'Recreate')
        expect(strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: '100%' });
      const scaled = ofKind(all, 'ScaledObject', pool)?.['spec'] as { minReplicaCount: number } | undefined;
      const [job] = all.filter(({ kind }) => kind === 'Job') as unknown as {
        spec: { template: { spec: { containers: { command: string[] }[] } } };
      }[];
      const commands = job?.spec.template.spec.containers.map(({ command }) => command.join(' ')) ?? [];
      const pollers = scaled?.minReplicaCount ?? replicas;
      expect(commands.filter((one) => one.endsWith(` --pool ${pool} --pollers ${pollers}`))).toHaveLength(1);
    },
  );

  it.each(ROLES)('counts on a pod of %s only while work comes to it', async (role) => {
    const deployment = ofKind(await written(), 'Deployment', role) as unknown as {
      spec: { template: { spec: { containers: Record<string, { httpGet: { path: string } }>[] } } };
    };
    const [container] = deployment.spec.template.spec.containers;
    const hasVersions = DEPLOYMENTS.some((one) => one === role);
    expect(container?.['readinessProbe']?.httpGet.path).toBe(hasVersions ? '/readyz' : '/healthz');
  });

  it.each(ROLES)('ends a pod of %s for its own sake, never because a database is away', async (role) => {
    const deployment = ofKind(await written(), 'Deployment', role) as unknown as {
      spec: { template: { spec: { containers: Container[] } } };
    };
    const [container] = deployment.spec.template.spec.containers;
    const { path: asked, port } = container?.livenessProbe.httpGet ?? {};
    // A worker says of itself whether it runs; one that gets nothing is not mended by starting it anew.
    const asksOthers = ['api', 'gateway', 'vault'].includes(role);
    expect(asked).toBe(asksOthers ? '/livez' : '/healthz');
    // Where platform/process.ts answers.
    const { ports } = composeFacts();
    expect(container?.ports.find(({ name }) => name === port)?.containerPort).toBe(
      ports[METRICS_PORTS[role]],
    );
  });

  it('scales every pool but the back office by the backlog of its own queue', async () => {
    const all = await written();
    const queues = all
      .filter(({ kind }) => kind === 'ScaledObject')
      .flatMap(
        (one) =>
          (one as unknown as { spec: { triggers: { metadata: Record<string, string> }[] } }).spec.triggers,
      )
      .map(({ metadata }) => metadata);
    expect(queues.flatMap(({ taskQueue }) => taskQueue ?? []).sort()).toEqual(
      [
        PAYMENTS_TASK_QUEUE,
        WEBHOOKS_TASK_QUEUE,
        ...Object.keys(ACQUIRER_WIRES).map((id) => `acquirer:${id}`),
      ].sort(),
    );
    expect(queues.map(({ taskQueue }) => taskQueue)).not.toContain(BACK_OFFICE_TASK_QUEUE);
    const figures = queues.flatMap(({ query }) => (query === undefined ? [] : metricsIn(query)));
    expect([...new Set(figures)].sort()).toEqual(['outbox_lag_seconds', 'process_cpu_seconds_total']);
  });
});

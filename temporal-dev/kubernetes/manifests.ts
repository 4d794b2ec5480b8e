import { basename } from 'node:path';
import { SETTINGS } from '../../platform/config.ts';
import { DEPLOYMENTS } from '../../platform/deployments.ts';
import { PROCESS_SETTINGS, type ProcessRole } from '../../platform/process-settings.ts';
import { CERTIFIED } from '../certificates.ts';
import { composeFacts, DATA_FOLDER } from '../compose/facts.ts';
import { METRICS_PORTS } from '../metrics-ports.ts';
import { ENTRIES } from '../part-specs.ts';
import { healthPortOf, processEnvironment } from '../process-environment.ts';
import { fewestOf, scaledObjectOf } from './scaling.ts';

const CERTIFICATES_FOLDER = `${DATA_FOLDER}/certificates`;

/** One object of Kubernetes, as it is sent. */
export type Manifest = Readonly<Record<string, unknown>> & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
};

interface Running {
  /** At the start; a ScaledObject changes it where there is one. */
  readonly replicas: number;
  /** What one process uses at six tenths of a core or less (docs/scale.md); memory with its caches full. */
  readonly cpu: string;
  readonly memory: string;
}

const RUNNING = {
  api: { replicas: 2, cpu: '600m', memory: '512Mi' },
  gateway: { replicas: 1, cpu: '100m', memory: '256Mi' },
  // One each: they append to a file of seal heads, and two chains in one file are no chain.
  vault: { replicas: 1, cpu: '600m', memory: '512Mi' },
  'back-office': { replicas: 1, cpu: '300m', memory: '768Mi' },
  payments: { replicas: 2, cpu: '1', memory: '1Gi' },
  acquirers: { replicas: 2, cpu: '600m', memory: '768Mi' },
  webhooks: { replicas: 1, cpu: '300m', memory: '768Mi' },
} as const satisfies Record<ProcessRole, Running>;

/** Those with a volume of their own: the heads of their seals, the exported histories. */
const KEEPS_FILES: ReadonlySet<ProcessRole> = new Set(['vault', 'back-office']);
/** Those that others call. */
const CALLED: ReadonlySet<ProcessRole> = new Set(['api', 'vault', 'gateway']);
/**
 * Those that are unhealthy while PostgreSQL or the key service is away: to end them then would add their own
 * start, and Kubernetes' growing pauses between starts, to every outage. A worker's health is its own.
 */
const HEALTH_OF_OTHERS: ReadonlySet<ProcessRole> = new Set(['api', 'gateway', 'vault']);
const USER = 1000;
const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: USER,
  fsGroup: USER,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;
const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;
/**
 * A pod's description cannot limit core dumps, and where they are allowed a crash writes a process's memory
 * to the node's disk: card numbers, keys. The shell sets both limits, and becomes the process.
 */
const WITHOUT_CORE_DUMPS = ['sh', '-c', 'ulimit -c 0 && exec "$@"', 'sh'] as const;
/** Whatever address the pod has. */
const ANY_ADDRESS = '0.0.0.0';
/** Where the vault's certificate for pages and apps is, as a Secret of type kubernetes.io/tls has it. */
const PUBLIC_CERTIFICATE_FOLDER = `${DATA_FOLDER}/public-certificate`;
const IMAGE = 'quittance:development';
const LABEL = 'app.kubernetes.io/name';
/** Above the process's own grace, so that a drain is not cut off. */
const GRACE_S = 25;

/**
 * Everything of ours in a cluster, from the tables of the stack: a process's settings in a ConfigMap, the
 * secret ones in a Secret that somebody else makes. Databases, Temporal, Redis and the key service are not
 * in it: their addresses are.
 */
export function manifests(): readonly Manifest[] {
  const roles = Object.keys(PROCESS_SETTINGS) as ProcessRole[];
  return roles
    .flatMap((role) => [
      configMap(role),
      ...(KEEPS_FILES.has(role) ? [volumeClaim(role)] : []),
      ...(CALLED.has(role) ? [service(role)] : []),
      deployment(role),
      ...scaledObjectOf(role, nameOf(role)),
    ])
    .concat(currentVersion());
}

/** The keys that a process's Secret must have. */
export function secretKeysOf(role: ProcessRole): readonly string[] {
  return PROCESS_SETTINGS[role]
    .map((name) => SETTINGS[name])
    .filter(({ secret }) => secret)
    .map(({ env }) => env);
}

export const nameOf = (role: ProcessRole): string => `quittance-${role}`;

/**
 * The build of this image gets the work of its pools: until then its workers get nothing (decision 015). A
 * Job cannot be changed, so its name has the image's tag. It tries once, for an hour: one that began anew
 * would take back what an operator has decided meanwhile. A container for each pool: none waits for another's
 * workers. With fewer workers than a pool ever has, the first new pod would get the work of all.
 */
function currentVersion(): Manifest {
  const { temporal } = composeFacts().addresses;
  const name = `quittance-current-version-${IMAGE.slice(IMAGE.indexOf(':') + 1)}`;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels: { [LABEL]: name } },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: 86_400,
      template: {
        metadata: { labels: { [LABEL]: name, 'app.kubernetes.io/part-of': 'quittance' } },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: POD_SECURITY,
          containers: DEPLOYMENTS.map((pool) => ({
            name: `ops-version-${pool}`,
            image: IMAGE,
            command: [
              ...['node', 'dist/tools/ops-version.js', 'current', '--by', 'kubernetes', '--wait', '3600'],
              ...['--pool', pool, '--pollers', String(fewestOf(pool) ?? RUNNING[pool].replicas)],
            ],
            env: [
              { name: SETTINGS.temporalAddress.env, value: temporal.address },
              { name: SETTINGS.temporalNamespace.env, value: temporal.namespace },
            ],
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
            securityContext: CONTAINER_SECURITY,
          })),
        },
      },
    },
  };
}

const metadataOf = (role: ProcessRole) => ({ name: nameOf(role), labels: { [LABEL]: nameOf(role) } });

/** The settings that are no secret, by variable. */
function plainSettings(role: ProcessRole): Readonly<Record<string, string>> {
  const secret = new Set(secretKeysOf(role));
  const facts = composeFacts();
  const environment = processEnvironment(
    role,
    {
      ...facts,
      guarded: true,
      // Pages reach the vault from other machines: by TLS, or it does not start.
      plainHosts: (of) => (facts.plainHosts?.(of) ?? []).filter((host) => host !== ANY_ADDRESS),
    },
    {
      [SETTINGS.listenHost.env]: ANY_ADDRESS,
      // Probes and Prometheus come from outside of the container.
      [SETTINGS.healthHost.env]: ANY_ADDRESS,
      [SETTINGS.vaultPublicCertificate.env]: `${PUBLIC_CERTIFICATE_FOLDER}/tls.crt`,
      [SETTINGS.vaultPublicKey.env]: `${PUBLIC_CERTIFICATE_FOLDER}/tls.key`,
    },
  );
  return Object.fromEntries(Object.entries(environment).filter(([key]) => !secret.has(key)));
}

function configMap(role: ProcessRole): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(role), data: plainSettings(role) };
}

function volumeClaim(role: ProcessRole): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadataOf(role),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: role === 'vault' ? '1Gi' : '50Gi' } },
    },
  };
}

function portsOf(role: ProcessRole): readonly { readonly name: string; readonly port: number }[] {
  const { ports } = composeFacts();
  const health = healthPortOf(role, ports);
  const metrics = role in METRICS_PORTS ? ports[METRICS_PORTS[role]] : health;
  return [
    { name: 'health', port: health },
    ...(metrics === health ? [] : [{ name: 'metrics', port: metrics }]),
    ...(role === 'vault'
      ? [
          { name: 'calls', port: ports.vaultPort },
          { name: 'cards', port: ports.vaultPublicPort },
        ]
      : []),
  ];
}

function service(role: ProcessRole): Manifest {
  const called = portsOf(role).filter(
    ({ name }) => name !== 'metrics' && (role !== 'vault' || name !== 'health'),
  );
  return {
    apiVersion: 'v1',
    kind: 'Service',
    // By the name that the others' settings have.
    metadata: { ...metadataOf(role), name: role },
    spec: {
      selector: { [LABEL]: nameOf(role) },
      ports: called.map(({ name, port }) => ({ name, port, targetPort: name })),
    },
  };
}

/** Each file that the settings of a process name there: keys of a Secret have no folders, paths do. */
function certificateItems(role: ProcessRole): readonly { readonly key: string; readonly path: string }[] {
  return Object.values(plainSettings(role))
    .filter((value) => value.startsWith(`${CERTIFICATES_FOLDER}/`))
    .map((value) => ({ key: basename(value), path: value.slice(CERTIFICATES_FOLDER.length + 1) }));
}

function deployment(role: ProcessRole): Manifest {
  const { replicas, cpu, memory }: Running = RUNNING[role];
  const ports = portsOf(role);
  const metrics = ports.find(({ name }) => name === 'metrics') ?? ports[0];
  const probe = { httpGet: { path: '/healthz', port: 'health' }, periodSeconds: 5, timeoutSeconds: 3 };
  // What a rollout counts on: workers of a build that is not the current one get nothing (decision 015).
  const hasVersions = DEPLOYMENTS.some((one) => one === role);
  const ready = hasVersions ? { ...probe, httpGet: { path: '/readyz', port: 'health' } } : probe;
  // Where health is a database's, /livez is on the port of the metrics: the callers' port may be full.
  const alive = HEALTH_OF_OTHERS.has(role)
    ? { ...probe, httpGet: { path: '/livez', port: metrics?.name } }
    : probe;
  const certified = CERTIFIED.some((one) => one === role);
  const volumes = [
    { name: 'tmp', emptyDir: {} },
    ...(KEEPS_FILES.has(role) ? [{ name: 'data', persistentVolumeClaim: { claimName: nameOf(role) } }] : []),
    ...(certified
      ? [
          {
            name: 'certificates',
            secret: { secretName: `${nameOf(role)}-certificates`, items: certificateItems(role) },
          },
        ]
      : []),
    ...(role === 'vault'
      ? [{ name: 'public-certificate', secret: { secretName: `${nameOf(role)}-public-certificate` } }]
      : []),
  ];
  const mounts = [
    { name: 'tmp', mountPath: '/tmp' },
    ...(KEEPS_FILES.has(role) ? [{ name: 'data', mountPath: DATA_FOLDER }] : []),
    ...(certified ? [{ name: 'certificates', mountPath: CERTIFICATES_FOLDER, readOnly: true }] : []),
    ...(role === 'vault'
      ? [{ name: 'public-certificate', mountPath: PUBLIC_CERTIFICATE_FOLDER, readOnly: true }]
      : []),
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(role),
    spec: {
      replicas,
      // Two that write to one file are worse than none for a moment: the work waits. Where no new pod is ready
      // before its build is the current one, all of them are to be there by then: it gets all the work at once.
      strategy: KEEPS_FILES.has(role)
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: hasVersions ? '100%' : 1 } },
      selector: { matchLabels: { [LABEL]: nameOf(role) } },
      template: {
        metadata: {
          labels: { [LABEL]: nameOf(role), 'app.kubernetes.io/part-of': 'quittance' },
          annotations: {
            'prometheus.io/scrape': String(role in METRICS_PORTS),
            'prometheus.io/port': String(metrics?.port),
            'prometheus.io/path': '/metrics',
          },
        },
        spec: {
          terminationGracePeriodSeconds: GRACE_S,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: POD_SECURITY,
          containers: [
            {
              name: role,
              image: IMAGE,
              command: [...WITHOUT_CORE_DUMPS, 'node', '--enable-source-maps', `dist/${ENTRIES[role]}`],
              envFrom: [
                { configMapRef: { name: nameOf(role) } },
                ...(secretKeysOf(role).length > 0 ? [{ secretRef: { name: nameOf(role) } }] : []),
              ],
              ports: ports.map(({ name, port }) => ({ name, containerPort: port })),
              readinessProbe: ready,
              // Long: a worker that waits for Temporal is well.
              livenessProbe: { ...alive, initialDelaySeconds: 90, failureThreshold: 12 },
              resources: { requests: { cpu, memory }, limits: { memory } },
              securityContext: CONTAINER_SECURITY,
              volumeMounts: mounts,
            },
          ],
          volumes,
        },
      },
    },
  };
}

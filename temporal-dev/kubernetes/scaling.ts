import type { ProcessRole } from '../../platform/process-settings.ts';
import { ACQUIRER_WIRES } from '../addresses.ts';
import { composeFacts } from '../compose/facts.ts';
import type { Manifest } from './manifests.ts';

interface Scaling {
  readonly min: number;
  readonly max: number;
  readonly triggers: readonly Trigger[];
}

interface Trigger {
  readonly type: 'temporal' | 'prometheus';
  readonly metadata: Readonly<Record<string, string>>;
}

const PROMETHEUS = 'http://prometheus:9090';

/** Tasks that wait at Temporal for a worker of this queue, as Temporal itself counts them. */
function backlog(taskQueue: string, queueTypes: 'workflow' | 'activity', perProcess: number): Trigger {
  const { address, namespace } = composeFacts().addresses.temporal;
  return {
    type: 'temporal',
    metadata: {
      endpoint: address,
      namespace,
      taskQueue,
      queueTypes,
      targetQueueSize: String(perProcess),
      activationTargetQueueSize: '0',
    },
  };
}

/** So much of the figure is one process's share. */
function figure(query: string, perProcess: number): Trigger {
  return {
    type: 'prometheus',
    metadata: { serverAddress: PROMETHEUS, query, threshold: String(perProcess) },
  };
}

/** A core of our processes is busy six tenths of its time (docs/scale.md). */
const CPU_SHARE = 0.6;
const cpuOf = (service: string): Trigger =>
  figure(`sum(rate(process_cpu_seconds_total{service="${service}"}[2m]))`, CPU_SHARE);

/**
 * Who is scaled, and by what. A backlog is there only when all slots are taken already, so each pool is
 * scaled by its processor as well, before anything waits. Vault and back office are one process each, and
 * the gateway has few callers.
 */
const SCALING: Readonly<Partial<Record<ProcessRole, Scaling>>> = {
  api: { min: 2, max: 20, triggers: [cpuOf('api')] },
  payments: { min: 2, max: 100, triggers: [backlog('payments', 'workflow', 50), cpuOf('payments')] },
  acquirers: {
    min: 2,
    max: 40,
    triggers: [
      ...Object.keys(ACQUIRER_WIRES).map((acquirer) => backlog(`acquirer:${acquirer}`, 'activity', 50)),
      cpuOf('acquirers'),
    ],
  },
  webhooks: {
    min: 1,
    max: 20,
    triggers: [
      backlog('webhooks', 'workflow', 50),
      // First attempts are no tasks of Temporal: the dispatcher makes them.
      figure('max(outbox_lag_seconds)', 5),
      cpuOf('webhooks'),
    ],
  },
};

/** The fewest processes of a role that is scaled; null = it is not. */
export function fewestOf(role: ProcessRole): number | null {
  return SCALING[role]?.min ?? null;
}

/** The ScaledObject of KEDA for a process's deployment, where it is scaled. */
export function scaledObjectOf(role: ProcessRole, deployment: string): readonly Manifest[] {
  const scaling = SCALING[role];
  if (scaling === undefined) return [];
  const { min, max, triggers } = scaling;
  return [
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: deployment },
      spec: {
        scaleTargetRef: { name: deployment },
        minReplicaCount: min,
        maxReplicaCount: max,
        pollingInterval: 15,
        // A worker that is stopped drains for seconds and its cached runs are replayed elsewhere: not for a moment's calm.
        cooldownPeriod: 300,
        triggers,
      },
    },
  ];
}

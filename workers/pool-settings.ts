import type { PoolOptions } from './pool.ts';

type PoolSettings = Pick<PoolOptions, 'workflows' | 'slots' | 'pollers' | 'maxCachedWorkflows'>;

/** The payments pool, in one process. The bench's floors have the same: they differ in their bodies alone. */
export const PAYMENTS_POOL = {
  workflows: true,
  // A workflow task is a few ms of one core and waits for local activities: many may wait at once.
  slots: { workflowTasks: 100, activities: 1, localActivities: 100 },
  pollers: { workflowTasks: 4, activities: 0 },
  // Authorized payments sleep for days; what is not cached is replayed from its short history.
  maxCachedWorkflows: 2_000,
} as const satisfies PoolSettings;

/** The pool of one acquirer; how many calls it makes at once is configured (QUITTANCE_ACQUIRER_CALL_SLOTS). */
export const ACQUIRER_POOL = {
  workflows: false,
  slots: { workflowTasks: 2, localActivities: 1 },
  pollers: { workflowTasks: 2, activities: 4 },
  maxCachedWorkflows: 0,
} as const satisfies Omit<PoolSettings, 'slots'> & {
  readonly slots: Omit<PoolSettings['slots'], 'activities'>;
};

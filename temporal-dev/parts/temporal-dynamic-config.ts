/**
 * Dynamic configuration of the Temporal server, for one machine. Durations are text. Sources:
 * architecture, "What Temporal costs" (each pacing value was measured) and temporal-rules,
 * "Payloads" (the retry interval). temporal-dev/compose/dynamic-config.yaml is generated from it.
 */
export const DYNAMIC_CONFIG = {
  // Every shard is paced at 20 queue reads a second by default: 50 ms per workflow task when idle.
  'history.transferProcessorMaxPollRPS': 5_000,
  'history.timerProcessorMaxPollRPS': 5_000,
  'history.visibilityProcessorMaxPollRPS': 5_000,
  // One partition: a task never waits in a partition that nobody polls at the moment.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'frontend.namespaceRPS': 100_000,
  'frontend.rps': 100_000,
  'history.rps': 100_000,
  'matching.rps': 100_000,
  // A workflow task that cannot be decoded while KMS is away is tried again soon after it is back.
  'history.workflowTaskRetryMaxInterval': '30s',
  // Whether an old version of a worker still has open runs of its own is seen within seconds, not after six minutes.
  'matching.wv.VersionDrainageStatusVisibilityGracePeriod': '2s',
  'matching.wv.VersionDrainageStatusRefreshInterval': '2s',
} as const satisfies Readonly<Record<string, number | string | boolean>>;

/** What one payment was measured to take. */
export interface PaymentCost {
  /** ms of processor time by group of processes (bench/support/groups.ts). */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Bytes by store (bench/support/stores.ts). */
  readonly bytes: Readonly<Record<string, number>>;
  /** Temporal's state transitions. */
  readonly transitions: number;
}

/** What a rate needs, one line of the table. */
export interface Need {
  readonly what: string;
  readonly amount: number;
  readonly unit: string;
}

/**
 * What is assumed and was not measured here. A core is one of the machine that was measured, busy six
 * tenths of its time: beyond that, waiting grows faster than work.
 */
export const ASSUMED = {
  busyShare: 0.6,
  /** Cores of one host of Temporal's and of one primary of PostgreSQL. */
  hostCores: 16,
  databaseCores: 32,
  /** State transitions a second of one history shard: each is a write or two, some ms, under one lock for its workflow. */
  transitionsPerShard: 100,
  /** Commands a second of one Redis, which uses one core. */
  redisCommands: 80_000,
  /** Redis commands of one payment: velocity by card and by address, breakers, counts. */
  redisCommandsPerPayment: 20,
  secondsPerDay: 86_400,
} as const;

/** Of a payment's processes those that a host of their own would have, in the order of the way of a payment. */
const OWN_PROCESSES = [
  'api',
  'vault',
  'payments worker',
  'acquirer worker',
  'webhooks worker',
  'back office',
] as const;

/** Arithmetic alone: what so many payments a second need, if each costs what it cost here. */
export function needsOf(rate: number, { cpuMs, bytes, transitions }: PaymentCost): Need[] {
  const cores = (group: string): number => ((cpuMs[group] ?? 0) * rate) / 1_000 / ASSUMED.busyShare;
  const stored = (stores: RegExp): number =>
    Object.entries(bytes)
      .filter(([store]) => stores.test(store))
      .reduce((sum, [, each]) => sum + Math.max(0, each), 0);
  const terabytesADay = (each: number): number => (each * rate * ASSUMED.secondsPerDay) / 1e12;
  return [
    // A process of Node runs its JavaScript on one core, and has helpers: one core each is what to plan with.
    ...OWN_PROCESSES.map((group) => ({
      what: group,
      amount: Math.ceil(cores(group)),
      unit: 'processes',
    })),
    { what: 'Temporal', amount: Math.ceil(cores('Temporal')), unit: 'cores' },
    {
      what: 'Temporal',
      amount: Math.ceil(cores('Temporal') / ASSUMED.hostCores),
      unit: `hosts of ${ASSUMED.hostCores} cores`,
    },
    {
      what: 'Temporal',
      amount: powerOfTwo((rate * transitions) / ASSUMED.transitionsPerShard),
      unit: 'history shards',
    },
    { what: 'PostgreSQL, ours and the vault’s', amount: Math.ceil(cores('PostgreSQL')), unit: 'cores' },
    {
      what: 'PostgreSQL, ours and the vault’s',
      amount: Math.ceil(cores('PostgreSQL') / ASSUMED.databaseCores),
      unit: `primaries of ${ASSUMED.databaseCores} cores`,
    },
    {
      what: 'PostgreSQL, ours and the vault’s',
      amount: terabytesADay(stored(/^(main|vault) database$/)),
      unit: 'TB a day',
    },
    { what: 'Temporal’s store', amount: terabytesADay(stored(/^Temporal/)), unit: 'TB a day' },
    {
      what: 'Redis',
      amount: Math.ceil((rate * ASSUMED.redisCommandsPerPayment) / ASSUMED.redisCommands),
      unit: 'primaries',
    },
  ];
}

/** The least power of two that is not below it. */
function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, least)));
}

/** How long one call took, in microseconds, and calls a second of one core. */
export interface Measured {
  readonly name: string;
  readonly calls: number;
  /** By the processor time of this process. */
  readonly perSecond: number;
  /** By the clock: with what other processes took of the core meanwhile. */
  readonly clock: Percentiles;
  /** By the processor time of this process, collection of garbage included: what the call itself takes. */
  readonly processor: Percentiles;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Calls `call` that often, after a fifth as many that do not count; each call is timed by itself. */
export function measure(name: string, calls: number, call: (n: number) => unknown): Measured {
  for (let n = 0; n < calls / 5; n += 1) call(n);
  const clock = new Float64Array(calls);
  const processor = new Float64Array(calls);
  for (let n = 0; n < calls; n += 1) {
    const cpu = process.cpuUsage();
    const before = performance.now();
    call(n);
    clock[n] = (performance.now() - before) * 1_000;
    const { user, system } = process.cpuUsage(cpu);
    processor[n] = user + system;
  }
  const whole = process.cpuUsage();
  for (let n = 0; n < calls; n += 1) call(n);
  const { user, system } = process.cpuUsage(whole);
  return {
    name,
    calls,
    perSecond: Math.round((calls * 1_000_000) / (user + system)),
    clock: percentilesOf(clock),
    processor: percentilesOf(processor),
  };
}

function percentilesOf(times: Float64Array): Percentiles {
  times.sort();
  const at = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

export function line({ name, calls, perSecond, clock, processor }: Measured): string {
  const both = ({ p50, p99 }: Percentiles): string => `p50 ${p50.toFixed(0)} µs p99 ${p99.toFixed(0)} µs`;
  return `${name.padEnd(44)} ${calls} calls  processor ${both(processor)}  clock ${both(clock)}  ${perSecond}/s of one core`;
}

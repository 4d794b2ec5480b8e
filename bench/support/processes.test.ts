import { describe, expect, it } from 'vitest';
import { cpuOf, cpuPerPayment, memoryOf, parseStat, readProcesses } from './processes.ts';

/** The promise: processor time is counted for every process of a group, once, and for nobody else's. */

const stat = (pid: number, parent: number, times: readonly number[], name = 'node'): string =>
  `${pid} (${name}) S ${parent} 1 1 0 -1 4194304 100 0 0 0 ${times.join(' ')} 20 0 11 0 5000 1000000 200`;

describe('a line of /proc/<pid>/stat', () => {
  it('gives user and system time, with that of ended children, in ms', () => {
    expect(parseStat(stat(42, 7, [100, 20, 3, 1]))).toEqual({ pid: 42, parent: 7, cpuMs: 1_240 });
  });

  it('is read right whatever the program is called', () => {
    expect(parseStat(stat(42, 7, [1, 0, 0, 0], 'a) S 99 (b'))).toMatchObject({ parent: 7, cpuMs: 10 });
  });

  it('that is none is refused', () => {
    expect(() => parseStat('nothing')).toThrow('not a line');
  });
});

describe('the processor time of a group', () => {
  const processes = new Map(
    [
      stat(10, 1, [100, 0, 0, 0]),
      stat(11, 10, [10, 5, 0, 0]),
      stat(12, 11, [1, 0, 0, 0]),
      stat(20, 1, [7, 0, 0, 0]),
    ].map((line) => [parseStat(line).pid, parseStat(line)]),
  );

  it('is that of its roots and all their descendants', () => {
    expect(cpuOf(processes, { database: [10], api: [20], gone: [99] })).toEqual({
      database: 1_160,
      api: 70,
      gone: 0,
    });
  });

  it('does not shrink when a child ends and its parent has waited for it', () => {
    const later = new Map(
      [stat(10, 1, [100, 0, 11, 5]), stat(20, 1, [7, 0, 0, 0])].map((line) => [
        parseStat(line).pid,
        parseStat(line),
      ]),
    );
    expect(cpuOf(later, { database: [10] })).toEqual({ database: 1_160 });
  });

  it('is divided by the payments of the time between two readings', () => {
    expect(cpuPerPayment({ api: 100, worker: 50 }, { api: 300, worker: 40 }, 50)).toEqual({
      api: 4,
      worker: 0,
    });
  });

  it('of this very process is counted, and so is its memory', async () => {
    const now = await readProcesses();
    expect(cpuOf(now, { me: [process.pid] })['me']).toBeGreaterThan(0);
    expect((await memoryOf(now, { me: [process.pid] }))['me']).toBeGreaterThan(10_000_000);
  });
});

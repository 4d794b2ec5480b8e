import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { openClocks } from './clocks.ts';

const folder = await mkdtemp(join(tmpdir(), 'quittance-clocks-'));
const clocks = await openClocks(folder, ['payments']);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Where there is no libfaketime the harness leaves this blow out, and says so. */
describe.skipIf(typeof clocks === 'string')('a clock', () => {
  it('of a running process is set ahead and back, and its timers do not notice', async () => {
    if (typeof clocks === 'string') return;
    const { payments } = JSON.parse(clocks.env['QUITTANCE_STACK_PROCESS_VARIABLES'] ?? '{}') as {
      payments: Record<string, string>;
    };
    const child = spawn(
      process.execPath,
      ['-e', 'setInterval(() => console.log(Date.now(), performance.now()), 50)'],
      { env: { ...payments }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      let moved = 0;
      let last: readonly number[] = [];
      let seen: readonly number[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        const [clock = 0, span = 0] = line.split(' ').map(Number);
        const ahead = Math.round((clock - Date.now()) / 1_000);
        if (last[1] !== undefined) expect(span - last[1]).toBeLessThan(60_000);
        last = [clock, span];
        const wanted = [0, 600, -600, 0][moved] ?? 0;
        if (Math.abs(ahead - wanted) > 20) continue;
        seen = [...seen, wanted];
        moved += 1;
        if (moved === 4) break;
        await clocks.move('payments', [0, 600, -600, 0][moved] ?? 0);
      }
      expect(seen).toEqual([0, 600, -600, 0]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

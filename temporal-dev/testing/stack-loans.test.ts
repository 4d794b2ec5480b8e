import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lendStacks, type StackLoans } from './stack-loans.ts';

/** The promise: no two test files have one stack, and the stack of a process that was killed is free again. */

let loans: StackLoans;
const borrowers: ChildProcess[] = [];
beforeEach(async () => {
  loans = await lendStacks(['first', 'second']);
});
afterEach(async () => {
  for (const one of borrowers) one.kill('SIGKILL');
  await loans.close();
});

/** A process that borrows, and says what it got. */
function borrower(): { readonly process: ChildProcess; readonly got: Promise<string> } {
  const script = `require('node:net').connect(process.argv[1]).pipe(process.stdout)`;
  const child = spawn(process.execPath, ['-e', script, loans.address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  borrowers.push(child);
  const got = once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => String(text).trim());
  return { process: child, got };
}

describe('stacks that are lent', () => {
  it('are lent to one process each; who comes later waits for one that ends', async () => {
    const [one, other] = [borrower(), borrower()];
    expect((await Promise.all([one.got, other.got])).sort()).toEqual(['first', 'second']);
    const late = borrower();
    let isServed = false;
    void late.got.then(() => (isServed = true));
    await once(late.process, 'spawn');
    expect(isServed).toBe(false);
    one.process.kill('SIGKILL');
    expect(await late.got).toBe(await one.got);
  });
});

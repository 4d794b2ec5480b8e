import { describe, expect, it } from 'vitest';
import { runSteps } from './steps.ts';
import type { Step } from './steps.ts';

/** A step that ends when the test says so. */
function controlled(name: string, needs: readonly string[] = []) {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  const state = { begun: false };
  const step: Step = {
    name,
    needs,
    run: () => {
      state.begun = true;
      return promise;
    },
  };
  return {
    step,
    state,
    resolve: () => {
      resolve();
    },
    reject: (error: Error) => {
      reject(error);
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the steps of a start', () => {
  it('begin together, and each as soon as all it needs is done', async () => {
    const [a, b, c] = [controlled('a'), controlled('b'), controlled('c', ['a', 'b', 'left out'])];
    const done = runSteps([a.step, b.step, c.step]);
    await turn();
    expect([a, b, c].map(({ state }) => state.begun)).toEqual([true, true, false]);
    a.resolve();
    await turn();
    expect(c.state.begun).toBe(false);
    b.resolve();
    await turn();
    expect(c.state.begun).toBe(true);
    c.resolve();
    await done;
  });

  it('fail with the first failure, and what needs the failed one does not begin', async () => {
    const [a, b] = [controlled('a'), controlled('b', ['a'])];
    const done = runSteps([a.step, b.step]);
    a.reject(new Error('a failed'));
    await expect(done).rejects.toThrow('a failed');
    expect(b.state.begun).toBe(false);
  });

  it('are listed after what they need', async () => {
    await expect(runSteps([controlled('b', ['a']).step, controlled('a').step])).rejects.toThrow(
      'b is listed before a',
    );
  });
});

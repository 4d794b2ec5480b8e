/** One thing to be done at start; begins as soon as everything it needs is done. */
export interface Step {
  readonly name: string;
  readonly needs: readonly string[];
  readonly run: () => Promise<void>;
}

/**
 * Runs steps in parallel, each after those it needs. A need that is not among the steps (left out
 * on purpose) counts as done. Steps are listed after what they need.
 * @throws the first failure; steps that need the failed one do not begin.
 */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const names = new Set(steps.map((step) => step.name));
  const begun = new Map<string, Promise<void>>();
  for (const step of steps) {
    const before = step.needs.map((need) => {
      const promise = begun.get(need);
      if (promise === undefined && names.has(need))
        throw new Error(`${step.name} is listed before ${need}, which it needs`);
      return promise ?? Promise.resolve();
    });
    begun.set(
      step.name,
      Promise.all(before).then(() => step.run()),
    );
  }
  await Promise.all(begun.values());
}

import type { PartName } from '../../temporal-dev/part-names.ts';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';
import { loadStackSettings } from '../../temporal-dev/settings.ts';
import { newStackFolder, removeStack, startStack } from '../../temporal-dev/start-stack.ts';

export interface BenchStack {
  /** Where everything is, and which process is what now. */
  readonly run: () => Promise<RunFile>;
  close(): Promise<void>;
}

/**
 * The stack that QUITTANCE_RUN_FILE names, else one of its own, on free ports, that is stopped and removed
 * by `close`.
 * @param env settings for its processes, over those of this one.
 * @param only parts to start; all when left out.
 */
export async function openBenchStack(
  env: Readonly<Record<string, string>> = {},
  only?: readonly PartName[],
): Promise<BenchStack> {
  const { runFile } = loadStackSettings();
  if (runFile !== null) return { run: () => readRunFile(runFile), close: async () => undefined };
  const dir = await newStackFolder('bench');
  const stack = await startStack({ dir, ports: 'free', env, ...(only === undefined ? {} : { only }) });
  return {
    run: () => readRunFile(stack.runPath),
    async close() {
      await stack.stop();
      await removeStack(dir);
    },
  };
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { packageRoot } from '../../platform/package-root.ts';
import { withShortStacks } from '../../platform/workflow-code.ts';

/** Where the bundler finds what it bundles: the names of workflows.ts. */
const WORKFLOWS = join(packageRoot(), 'dist', 'bench', 'floors', 'workflows.js');

/** Writes the floors' workflows as one file, as workers load it: with stacks as short as ours. */
export async function bundleFloors(target: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    failureConverterPath: join(packageRoot(), 'dist', 'workflows', 'failure-converter.js'),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(target, withShortStacks(code));
}

/**
 * Writes dist/workflow-bundle.js: all workflows as one file, as workers load it. Run after the
 * compiler (`npm run build`): it bundles what the compiler made of workflows/index.ts.
 */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { packageRoot } from '../platform/package-root.ts';

const dist = join(packageRoot(), 'dist');
const target = join(dist, 'workflow-bundle.js');
const { code } = await bundleWorkflowCode({
  workflowsPath: join(dist, 'workflows', 'index.js'),
  workflowInterceptorModules: [join(dist, 'workflows', 'refused-payloads.js')],
  failureConverterPath: join(dist, 'workflows', 'failure-converter.js'),
  logger: new DefaultLogger('WARN'),
});
// Replaced as a whole: a worker that starts now reads the old one or the new one.
await writeFile(`${target}.new`, code);
await rename(`${target}.new`, target);

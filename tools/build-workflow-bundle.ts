/**
 * Writes dist/workflow-bundle.js: all workflows as one file, as workers load it; and dist/build-id, the
 * name of the whole that workers give themselves. Run after the compiler (`npm run build`): it bundles what
 * the compiler made of workflows/index.ts.
 */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { BUILD_ID_FILE } from '../platform/build-id.ts';
import { packageRoot } from '../platform/package-root.ts';
import { withShortStacks } from '../platform/workflow-code.ts';
import { contentHash } from './build/content-hash.ts';

const dist = join(packageRoot(), 'dist');
const target = join(dist, 'workflow-bundle.js');
const { code } = await bundleWorkflowCode({
  workflowsPath: join(dist, 'workflows', 'index.js'),
  workflowInterceptorModules: ['refused-payloads', 'trace-headers'].map((name) =>
    join(dist, 'workflows', `${name}.js`),
  ),
  // Pure, and so the same for every run: read once, not by each run anew.
  preloadModules: ['view', 'outcome', 'operator-input', 'refused-payload'].map((name) =>
    join(dist, 'workflows', 'domain', `${name}.js`),
  ),
  failureConverterPath: join(dist, 'workflows', 'failure-converter.js'),
  logger: new DefaultLogger('WARN'),
});
await replace(target, withShortStacks(code));
await replace(join(packageRoot(), BUILD_ID_FILE), `${await contentHash(packageRoot())}\n`);

/** As a whole: a worker that starts now reads the old one or the new one. */
async function replace(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { PASSING } from '../../temporal-dev/testing/second-build.ts';

/** Where the workers load all workflows from (`npm run build`). */
export const BUNDLE = { codePath: resolve('dist/workflow-bundle.js') };

/**
 * The bundle of a variant of the built workflows in which one text of one file is another.
 * @throws Error when the file does not have that text: then the variant would be no variant.
 */
export async function brokenBundle(file: string, text: string, replacement: string): Promise<WorkflowBundle> {
  // Beside the original, for the bundler looks for packages from where the files are.
  const folder = await mkdtemp(resolve(`dist/${PASSING}`));
  try {
    await cp(resolve('dist/workflows'), folder, { recursive: true });
    const path = join(folder, file);
    const whole = await readFile(path, 'utf8');
    const broken = whole.replaceAll(text, replacement);
    if (broken === whole) throw new Error(`${file} has no "${text}" any more: break it elsewhere`);
    await writeFile(path, broken);
    return await bundleWorkflowCode({
      workflowsPath: join(folder, 'index.js'),
      workflowInterceptorModules: [join(folder, 'refused-payloads.js')],
      failureConverterPath: join(folder, 'failure-converter.js'),
      logger: new DefaultLogger('ERROR'),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Path of the run.json of the stack that this test file has for itself; read it with readRunFile. Files
 * that run beside each other never meet (borrow-stack.ts).
 */
export function stackRunFile(): string {
  const runFile = process.env['VITEST_STACK_RUN_FILE'];
  if (runFile === undefined) throw new Error('only tests of the project "stack" have a stack');
  return runFile;
}

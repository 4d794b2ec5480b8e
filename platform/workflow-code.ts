/** Frames of a stack trace in workflow code. */
const STACK_FRAMES = 2;

/**
 * A workflow bundle whose errors keep two frames. The SDK takes a stack trace at every promise that workflow
 * code makes, and maps every frame of it to its source: with ten frames that was a quarter of the processor
 * time of the thread that runs workflows (docs/performance.md). Activities keep theirs whole.
 */
export function withShortStacks(code: string): string {
  // On the first line: the lines of the source map stay what they are.
  return `Error.stackTraceLimit = ${STACK_FRAMES}; ${code}`;
}

/**
 * The workflow's own time, in ms since the epoch: that of the task that is worked on, and in a replay what
 * it was the first time. The one place that asks Temporal's sandbox for it; lint refuses the clock elsewhere.
 */
export function now(): number {
  // eslint-disable-next-line no-restricted-syntax -- the sandbox has put its own Date in the place of Node's
  return Date.now();
}

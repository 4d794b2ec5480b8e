/**
 * Every patch of workflow code (`hasPatch`), by its id: what it changed, and when it may go. A patch lets
 * runs that began before a change go on as they began; workflows/payment/histories keeps runs of both
 * sides, and each is replayed (tools/histories/histories.test.ts).
 *
 * Changed without one: since rings are let go by a timer of the loop, a run in which the clock had let one
 * go while its task timed out does not replay. Such a run could not be replayed by the code that made it
 * either; the keeper ends it and starts the next.
 *
 * To remove one: when no run is open that began before it (`ExecutionStatus = 'Running' and StartTime <
 * '<its deployment>'` finds none; an authorization lives 30 days at most, a delivery four), turn
 * `patched` into `deprecatePatch`; when the runs that recorded it are past the namespace's retention
 * (30 days after they closed), remove that, its row here, and the histories `before-<its id>`.
 */
export const PATCHES = {
  'search-attributes': {
    changed: 'the run upserts its search attributes when its state changed (workflows/payment/screen.ts)',
    workflows: ['payment'],
  },
  'security-code-after-outage': {
    changed:
      'after a call that was not executed the security code is given back by the run; where its authorization ended all the same, or nothing is at an acquirer, it is destroyed (call.ts, send.ts, authorize.ts)',
    workflows: ['payment'],
  },
  'grant-for-a-repeat': {
    changed:
      'an attempt that is repeated long after it was planned gets a new grant first (resolve.ts); runs from before there were grants repeat at once',
    workflows: ['payment'],
  },
  'continue-as-new-while-rung': {
    changed:
      'a run that is told to continue as new lets go whoever waits at its door and does so at once; before, it did only when nobody rang (payment.workflow.ts)',
    workflows: ['payment'],
  },
} as const satisfies Readonly<Record<string, Patch>>;
export type PatchId = keyof typeof PATCHES;

interface Patch {
  /** What a run with it does and one without it does not. */
  readonly changed: string;
  /** The workflow types that ask for it. */
  readonly workflows: readonly string[];
}

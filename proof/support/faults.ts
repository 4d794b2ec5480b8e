import { clearFaults as clearFaultsOf } from '../../temporal-dev/clean-acquirers.ts';
import type { World } from './world.ts';

/** What goes wrong with one message that matches (see the simulator's faults for all there are). */
export interface AcquirerFault {
  readonly match: { readonly kind: string; readonly amount?: number; readonly lastFour?: string };
  readonly action:
    | { readonly type: 'lose_answer' | 'no_answer_not_executed' | 'reset_after' }
    | { readonly type: 'hold'; readonly holdMs: number }
    | { readonly type: 'decline'; readonly code: string };
  readonly times?: number;
}

/** Tells the acquirer simulator to misbehave. @throws Error when it does not take the fault */
export async function addFault(world: World, fault: AcquirerFault): Promise<void> {
  const { acquirers } = await world.run();
  const control = acquirers[0]?.control;
  if (control === undefined) throw new Error('the stack has no acquirer');
  const response = await fetch(`${control}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
    signal: AbortSignal.timeout(5_000),
  });
  if (response.status !== 201) throw new Error(`the fault was not taken: ${await response.text()}`);
}

/** Takes back what did not happen yet. */
export async function clearFaults(world: World): Promise<void> {
  await clearFaultsOf(await world.run());
}

import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { RotationSummary, UpkeepActivities } from '../ports/upkeep.ts';

/** An hour wraps some hundred thousand keys; a worker that died is noticed after a minute. */
const { rotateVaultKeys, rotatePlatformKeys } = proxyActivities<UpkeepActivities>({
  startToCloseTimeout: '1 h',
  heartbeatTimeout: '1 min',
  // For about two days: then somebody has to look, and the next rotation goes on with this one.
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '5 min', maximumAttempts: 600 },
});

/**
 * The quarterly rotation of both master keys. Its id names the rotation, so that a repeated activity goes
 * on with it. The old master keys stay enabled: people disable them when no backup needs them.
 */
export async function keyRotation(): Promise<readonly RotationSummary[]> {
  const { workflowId } = workflowInfo();
  const vault = await rotateVaultKeys(workflowId);
  const platform = await rotatePlatformKeys(workflowId);
  return [vault, platform];
}

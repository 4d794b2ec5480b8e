import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Rotate, RotationProgress } from '../../platform/key-rotation/rotation.ts';
import { runRotation } from '../../platform/key-rotation/run-rotation.ts';
import type { Logger } from '../../platform/logger.ts';
import type {
  ExportSummary,
  RetentionSummary,
  RotationSummary,
  UpkeepActivities,
} from '../../workflows/ports/upkeep.ts';

export interface UpkeepOptions {
  /** A batch of the vault's rotation, over the wire. */
  readonly rotateVault: Rotate;
  /** A batch of the platform's. */
  readonly rotatePlatform: Rotate;
  readonly retainCards: (alive: () => void) => Promise<RetentionSummary>;
  readonly exportHistories: (alive: () => void) => Promise<ExportSummary>;
  readonly logger: Logger;
}

/** What the back office does by the calendar, as activities: each beats after every batch. */
export function createUpkeepActivities(options: UpkeepOptions): UpkeepActivities {
  const { rotateVault, rotatePlatform, retainCards, exportHistories, logger } = options;

  async function run(zone: string, rotate: Rotate, id: string): Promise<RotationSummary> {
    const { rotation, from, to, rewrapped } = await runRotation(
      rotate,
      id,
      (progress) => {
        heartbeat(told(progress));
      },
      // Whatever it is, Temporal asks again, later and for longer.
      () => false,
    );
    logger.info('master_key_rotated', { zone, rotation, from, to, rewrapped });
    return { rotation, from, to, rewrapped };
  }

  return {
    rotateVaultKeys: (rotation) => run('vault', rotateVault, rotation),
    rotatePlatformKeys: (rotation) => run('platform', rotatePlatform, rotation),
    retainCards: () => retainCards(alive),
    exportHistories: () => exportHistories(alive),
  };
}

/** Tells Temporal, and stops what it or the process that is leaving has cancelled: a heartbeat alone does not. */
function alive(): void {
  heartbeat();
  cancellationSignal().throwIfAborted();
}

const told = ({ rewrapped, remaining }: RotationProgress) => ({ rewrapped, remaining });

import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import type { StagingId } from '../../workflows/domain/ids.ts';
import { createVaultActivities, VaultRefused, VaultUnavailable } from './index.ts';

const request = { merchant: newId('mer'), payment: newId('pay'), staging: 'stg_x' as StagingId };

function activitiesThatFailWith(error: Error) {
  return createVaultActivities({
    tokenize: () => Promise.reject(error),
    release: () => Promise.reject(error),
    burn: () => Promise.reject(error),
  });
}

async function failureOf(call: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (!(error instanceof ApplicationFailure)) throw new Error('not an ApplicationFailure', { cause: error });
  return error;
}

describe('the vault activities', () => {
  it.each(['tokenize', 'burn'] as const)('%s waits for a vault that is away', async (activity) => {
    const failure = await failureOf(activitiesThatFailWith(new VaultUnavailable('away'))[activity](request));
    expect([failure.type, failure.nonRetryable]).toEqual(['VaultUnavailable', false]);
  });

  it.each(['tokenize', 'burn'] as const)(
    '%s does not repeat what was refused, and says why',
    async (activity) => {
      const failure = await failureOf(
        activitiesThatFailWith(new VaultRefused('no', 'staging_used'))[activity](request),
      );
      expect([failure.type, failure.nonRetryable, failure.details]).toEqual([
        'VaultRefused',
        true,
        ['staging_used'],
      ]);
    },
  );
});

// eslint-disable-next-line no-restricted-imports -- the one place that may: see patches.ts
import { patched } from '@temporalio/workflow';
import type { PatchId } from './patches.ts';

/** Whether this run goes by that patch. The only caller of `patched`: what is not in PATCHES cannot be asked for. */
export const hasPatch = (id: PatchId): boolean => patched(id);

/**
 * What stands in the place of a payload that is not ours: one in plain text, one of another workflow,
 * or one that was changed. It carries nothing of what was sent.
 *
 * A codec that threw instead would fail the workflow task for ever, and one plain signal from a command
 * line would strand a payment. So decoding always succeeds, and the interceptors
 * (workflows/refused-payloads.ts) keep the marker away from workflow code.
 */
export interface RefusedPayload {
  readonly 'quittance/refused': RefusalReason;
}

/** Not sealed at all; sealed for another workflow or namespace; changed, or under a key we never had. */
export type RefusalReason = 'plain' | 'foreign' | 'unauthentic';

const MARK = 'quittance/refused' satisfies keyof RefusedPayload;

export function refusedPayload(reason: RefusalReason): RefusedPayload {
  return { [MARK]: reason };
}

/** Why a value was refused; null when it is an ordinary one. */
export function refusalOf(value: unknown): RefusalReason | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, MARK)) return null;
  return (value as RefusedPayload)[MARK];
}

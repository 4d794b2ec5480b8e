import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts the message and the stack of every failure into a payload, which the codec seals: else the
 * text of an error would be the one thing of a payment that stands open in a history.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });

import { z } from 'zod';
import { ALL_EVENT_TYPES } from '../event-queries.ts';
import { idOf, listOf, time } from './common.ts';
import { cardVerification } from './card-verifications.ts';
import { anyOperation } from './operations.ts';
import { payment } from './payments.ts';

/** What happened, as every webhook endpoint was told it. */
export const event = z.object({
  id: idOf('evt'),
  object: z.literal('event'),
  type: z.enum(ALL_EVENT_TYPES),
  created: time,
  data: z.object({
    payment: payment.optional().describe('As it was then.'),
    operation: anyOperation.optional(),
    card_verification: cardVerification.optional().describe('That has ended.'),
    endpoint: idOf('whe').optional().describe('The endpoint that was tested, fails or was disabled.'),
    failing_since: time.optional().describe('Of an endpoint that fails or was disabled for it.'),
  }),
});
export const eventList = listOf(event);

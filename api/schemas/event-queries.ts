import { z } from 'zod';
import { VERIFICATION_EVENT } from '../../workflows/domain/card-verification.ts';
import { EVENT_TYPES } from '../../workflows/domain/change.ts';
import { isId } from '../../workflows/domain/ids.ts';
import { instant, isOneDirection, once, ONE_DIRECTION, pages, parsed, rangeOf } from './query-parts.ts';

/** What payments and card verifications tell, what an endpoint is tested with, and what is told of one that fails. */
export const ALL_EVENT_TYPES = [
  ...EVENT_TYPES,
  VERIFICATION_EVENT,
  'endpoint.test',
  'webhook_endpoint.failing',
  'webhook_endpoint.disabled',
] as const;

/** GET /v1/events. */
export const listEvents = z
  .strictObject({
    type: once.pipe(z.enum(ALL_EVENT_TYPES, `must be one of ${ALL_EVENT_TYPES.join(', ')}`)).optional(),
    payment: parsed((text) => (isId('pay', text) ? text : null), 'must be the id of a payment').optional(),
    created: rangeOf(instant).optional(),
    ...pages<string>((text) => (isId('evt', text) ? text : null), 'an event (evt_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListEvents = z.output<typeof listEvents>;

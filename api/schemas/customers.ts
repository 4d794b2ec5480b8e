import { z } from 'zod';
import { isId } from '../../workflows/domain/ids.ts';
import { line, metadata } from './payments.ts';
import { instant, isOneDirection, once, ONE_DIRECTION, pages, rangeOf } from './query-parts.ts';

// Messages complete the sentence "<pointer> …" and never quote what was sent.

const reference = line(100).describe('Your own name for it: of your customers in this mode only one has it.');
const name = line(200);
const email = line(254).regex(/^[^\s@]+@[^\s@]+$/, 'must be an address with one @');

/** POST /v1/customers. */
export const createCustomer = z.strictObject(
  {
    reference: reference.optional(),
    name: name.optional(),
    email: email.optional(),
    metadata: metadata.default({}),
  },
  'must be an object',
);

/** POST /v1/customers/{id}: what is not sent stays; metadata is replaced as a whole. */
export const updateCustomer = z.strictObject(
  {
    reference: reference.optional(),
    name: name.optional(),
    email: email.optional(),
    metadata: metadata.optional(),
  },
  'must be an object',
);
export type CustomerWish = z.output<typeof updateCustomer>;

/** GET /v1/customers. All filters that stand here must hold. */
export const listCustomers = z
  .strictObject({
    created: rangeOf(instant).optional().describe('When it was created.'),
    reference: once.pipe(line(100)).optional().describe('Your own, exactly.'),
    ...pages((text) => (isId('cus', text) ? text : null), 'a customer (cus_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListCustomers = z.output<typeof listCustomers>;

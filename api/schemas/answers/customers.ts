import { z } from 'zod';
import { idOf, listOf, mode, orNull, text, time } from './common.ts';

export const customer = z.object({
  id: idOf('cus').describe('`customer` of a payment.'),
  object: z.literal('customer'),
  mode,
  created: time,
  reference: orNull(text),
  name: orNull(text),
  email: orNull(text),
  metadata: z.record(z.string(), z.string()),
});
export const customerList = listOf(customer);

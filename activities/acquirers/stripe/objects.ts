import { z } from 'zod';

/** What of Stripe's answers we rest on; everything else in them may change as it likes. */
const errorSchema = z.object({
  type: z.string(),
  code: z.string().nullish(),
  decline_code: z.string().nullish(),
  advice_code: z.string().nullish(),
  message: z.string().nullish(),
});

const checksSchema = z.object({
  address_line1_check: z.string().nullish(),
  address_postal_code_check: z.string().nullish(),
  cvc_check: z.string().nullish(),
});

const chargeSchema = z.object({
  id: z.string(),
  authorization_code: z.string().nullish(),
  payment_method_details: z
    .object({
      card: z
        .object({ checks: checksSchema.nullish(), network_transaction_id: z.string().nullish() })
        .nullish(),
    })
    .nullish(),
});

export const intentSchema = z.object({
  object: z.literal('payment_intent'),
  id: z.string().regex(/^pi_\w{1,240}$/),
  status: z.string(),
  amount: z.number(),
  amount_capturable: z.number(),
  amount_received: z.number(),
  currency: z.string(),
  capture_method: z.string(),
  metadata: z.record(z.string(), z.string()),
  last_payment_error: errorSchema.nullish(),
  /** An object where it was asked to be expanded, else its id. */
  latest_charge: z.union([chargeSchema, z.string()]).nullish(),
});
export type Intent = z.infer<typeof intentSchema>;

export const refundSchema = z.object({
  object: z.literal('refund'),
  id: z.string().min(1).max(255),
  status: z.string().nullable(),
  amount: z.number(),
  currency: z.string(),
  payment_intent: z.string().nullish(),
  failure_reason: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
export type Refund = z.infer<typeof refundSchema>;

export const refundListSchema = z.object({ data: z.array(refundSchema), has_more: z.boolean() });

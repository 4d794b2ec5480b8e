import { z } from 'zod';

/** What of Adyen's answers we rest on; everything else in them may change as it likes. */
export const amountSchema = z.object({ value: z.number().int().min(0), currency: z.string().length(3) });

/** 16 characters today; Adyen keeps open that they become more. */
export const pspReference = z.string().regex(/^[A-Za-z0-9]{8,64}$/);

export const paymentSchema = z.object({
  resultCode: z.string(),
  pspReference: pspReference.nullish(),
  merchantReference: z.string().nullish(),
  amount: amountSchema.nullish(),
  refusalReason: z.string().nullish(),
  refusalReasonCode: z.string().nullish(),
  additionalData: z.record(z.string(), z.unknown()).nullish(),
});
export type Payment = z.infer<typeof paymentSchema>;

/** The answer to a capture, cancel, refund or reversal: that it was received, never what became of it. */
export const modificationSchema = z.object({
  status: z.string(),
  pspReference,
  /** Of a cancel by our reference there is none. */
  paymentPspReference: pspReference.nullish(),
  paymentReference: z.string().nullish(),
  reference: z.string().nullish(),
  amount: amountSchema.nullish(),
});
export type Modification = z.infer<typeof modificationSchema>;

export const errorSchema = z.object({
  status: z.number().nullish(),
  errorCode: z.string().nullish(),
  errorType: z.string().nullish(),
  message: z.string().nullish(),
});

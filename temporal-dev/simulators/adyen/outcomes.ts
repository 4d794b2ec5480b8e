/**
 * What becomes of a payment at this simulator: by its amount, by the holder's name, else approved. Adyen's
 * own test environment takes a `refusalReasonCode` by holder name; amounts are our addition, for callers
 * that say no name. Amounts as Adyen writes them.
 */
export interface Outcome {
  readonly resultCode: string;
  readonly refusalReasonCode: string | null;
}

const APPROVED: Outcome = { resultCode: 'Authorised', refusalReasonCode: null };

/** 6 000.02 EUR is refused with refusalReasonCode 2, and so on to 6 000.49; these are what else there is. */
const SCRIPTED_FROM = 600_000;
const OTHERS: Readonly<Record<number, string>> = {
  600_050: 'Pending',
  600_051: 'Received',
  600_052: 'RedirectShopper',
  600_053: 'ChallengeShopper',
};

export function outcomeOf(amount: number, holderName: string | undefined): Outcome {
  const named = /^REFUSED : (\d{1,2})$/.exec(holderName ?? '')?.[1];
  if (named !== undefined) return { resultCode: 'Refused', refusalReasonCode: named };
  const other = OTHERS[amount];
  if (other !== undefined) return { resultCode: other, refusalReasonCode: null };
  const code = amount - SCRIPTED_FROM;
  if (code < 2 || code > 49) return APPROVED;
  return { resultCode: code === 4 ? 'Error' : 'Refused', refusalReasonCode: String(code) };
}

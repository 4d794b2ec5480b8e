/** From the finest to the coarsest: what approvals are counted by. */
export const APPROVAL_LEVELS = ['bin', 'amount_band', 'account', 'acquirer', 'acquirer_all'] as const;
export type ApprovalLevel = (typeof APPROVAL_LEVELS)[number];

/** Answers seen, decayed by age, in thousandths of an answer. */
export interface ApprovalCount {
  readonly level: ApprovalLevel;
  readonly approved: bigint;
  readonly answered: bigint;
}

/** What is believed of an acquirer nobody has seen yet, and what every estimate decays to. */
export const PRIOR_PPM = 850_000n;

/** How many answers it takes until a level weighs as much as the coarser one behind it (thousandths). */
const PRIOR_WEIGHT = 10_000n;

const MILLION = 1_000_000n;

/**
 * The probability of approval in millionths. Each level starts from what the coarser one behind it
 * says, as if that were ten answers already: a BIN seen twice moves little, one seen a thousand times
 * speaks for itself.
 * @param counts finest first.
 */
export function estimateApproval(counts: readonly ApprovalCount[]): {
  readonly ppm: bigint;
  readonly from: ApprovalLevel | 'prior';
} {
  let ppm = PRIOR_PPM;
  let from: ApprovalLevel | 'prior' = 'prior';
  for (let place = counts.length - 1; place >= 0; place -= 1) {
    const count = counts[place];
    if (count === undefined || count.answered <= 0n) continue;
    const { level, answered } = count;
    const approved = count.approved > answered ? answered : count.approved;
    ppm = (approved * MILLION + PRIOR_WEIGHT * ppm) / (answered + PRIOR_WEIGHT);
    from = level;
  }
  return { ppm, from };
}

/**
 * The amount band of an amount in minor units: how many digits it has. Coarse on purpose, and free of
 * exchange rates: counts never cross currencies.
 */
export function amountBand(amount: bigint): string {
  return `10^${amount.toString().length - 1}`;
}

/** How much more than the configured rate a merchant may ask (merchants.api_tier). */
export const TIERS = { standard: 1, plus: 5, high: 20 } as const;
export type Tier = keyof typeof TIERS;

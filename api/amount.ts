const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Minor units as JSON: a number as long as every reader gets it exactly, a text beyond 2^53 (balances alone). */
export function amountOnWire(minor: bigint): number | string {
  return minor <= SAFE && minor >= -SAFE ? Number(minor) : minor.toString();
}

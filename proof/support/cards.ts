/** A number of the schemes' test range 4242 42, never the same twice in a run: the risk rules watch each card. */
export function testCard(n: number): string {
  const body = `424242${String(100_000_000 + n)}`;
  const sum = Array.from(body, Number)
    .reverse()
    .map((digit, place) => digit * (place % 2 === 0 ? 2 : 1))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

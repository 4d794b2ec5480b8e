/** Numbers that a command was given as options. */

/** A whole number from `min`. @throws Error that names the argument. */
export function wholeNumber(name: string, text: string, min: number): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < min)
    throw new Error(`--${name} ${text}: a whole number from ${min}`);
  return number;
}

/** A whole number from 1. @throws Error that names the argument. */
export function positive(name: string, text: string): number {
  return wholeNumber(name, text, 1);
}

/** Such numbers with commas between them. @throws Error that names the argument. */
export function listOfPositive(name: string, text: string): number[] {
  return text.split(',').map((one) => positive(name, one));
}

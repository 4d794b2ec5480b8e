import { InvalidArgumentError } from 'commander';
import { isCurrency } from '../../workflows/domain/currencies.ts';

/** Whole minor units. */
export function minorUnits(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text))
    throw new InvalidArgumentError('whole minor units, such as 4200 for 42.00 EUR.');
  return Number(text);
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 on.');
  return Number(text);
}

export function seconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('whole seconds.');
  return Number(text);
}

export function currency(text: string): string {
  const code = text.toUpperCase();
  if (!isCurrency(code)) throw new InvalidArgumentError('an ISO 4217 code, such as EUR.');
  return code;
}

/** `12/2031`, also `12/31`. */
export function expiry(text: string): { readonly month: number; readonly year: number } {
  const [, month = '', year = ''] = /^(\d{1,2})\/(\d{2}|\d{4})$/.exec(text) ?? [];
  if (month === '') throw new InvalidArgumentError('month and year, such as 12/2031.');
  return { month: Number(month), year: year.length === 2 ? 2_000 + Number(year) : Number(year) };
}

/** `name=value`, as often as it is said. */
export function pair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('name=value.');
  return { ...before, [name]: value };
}

export function url(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new InvalidArgumentError('a URL that begins with http:// or https://.');
  return text.replace(/\/+$/, '');
}

export function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

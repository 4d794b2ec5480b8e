import type { Payment } from '../../clients/typescript/index.ts';
import { renderTable } from '../../temporal-dev/demo/table.ts';
import { isCurrency } from '../../workflows/domain/currencies.ts';
import { formatMoney } from '../../workflows/domain/money.ts';

/** Minor units for people: `42.00 EUR`. */
export function amountText(minor: number | string, currency: string): string {
  return isCurrency(currency) ? formatMoney({ minor: BigInt(minor), currency }) : `${minor} ${currency}`;
}

/** One thing, a line for each of its members that says something. */
export function renderFacts(facts: Readonly<Record<string, string | number | null | undefined>>): string {
  const rows = Object.entries(facts).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}\n`).join('');
}

/** Many things, one in a line. */
export function renderRows(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? 'none\n' : `${renderTable(header, rows)}\n`;
}

export function renderPayment(payment: Payment): string {
  const { currency, card } = payment;
  const amountOf = (minor: number): string | null => (minor === 0 ? null : amountText(minor, currency));
  return renderFacts({
    payment: payment.id,
    status: payment.status,
    amount: amountText(payment.amount, currency),
    held: amountOf(payment.amount_capturable),
    captured: amountOf(payment.amount_captured),
    refunded: amountOf(payment.amount_refunded),
    card:
      card === null
        ? null
        : `${card.brand} … ${card.last_four}, ${String(card.expiry_month).padStart(2, '0')}/${card.expiry_year}`,
    acquirer:
      payment.acquirer === null ? null : `${payment.acquirer.id} ${payment.acquirer.reference ?? ''}`.trim(),
    decline: payment.decline_code,
    failure: payment.failure_code,
    remedy: payment.remedy,
    order: payment.order_reference,
    description: payment.description,
    created: payment.created,
  });
}

export const PAYMENT_COLUMNS = ['payment', 'status', 'amount', 'card', 'order', 'created'] as const;
export function paymentRow(payment: Payment): string[] {
  const { id, status, amount, currency, card, order_reference: order, created } = payment;
  return [
    id,
    status,
    amountText(amount, currency),
    card === null ? '' : `${card.brand} ${card.last_four}`,
    order ?? '',
    created,
  ];
}

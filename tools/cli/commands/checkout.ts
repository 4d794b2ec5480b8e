import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createClient, type Payment } from '../../../clients/typescript/index.ts';
import { readRunFile } from '../../../temporal-dev/run-file.ts';
import { seedPublishableKey } from '../../../temporal-dev/seed.ts';
import { contextOf, type Surroundings } from '../context.ts';
import { currency, minorUnits } from '../options.ts';
import { renderPayment } from '../render.ts';
import { openShop } from '../checkout/shop.ts';

interface CheckoutOptions {
  readonly amount: number;
  readonly currency: string;
  readonly description?: string;
  readonly order?: string;
}

/** `checkout`: a page to pay at, on a development stack. */
export function addCheckout(program: Command, surroundings: Surroundings): void {
  program
    .command('checkout')
    .description(
      'Opens a shop with one order on this machine, until it is paid or Ctrl-C: the browser gives the card to the vault, the shop and the merchant API see a token. For the stack of this checkout, or of --run-file.',
    )
    .option('--amount <units>', 'minor units', minorUnits, 4_200)
    .option('--currency <code>', 'ISO 4217', currency, 'EUR')
    .option('--description <text>', 'for the page')
    .option('--order <reference>', 'your own name for it')
    .action(async (_, command: Command) => {
      const { options, checkout, terminal, signal, print } = contextOf<CheckoutOptions>(
        command,
        surroundings,
      );
      const run = await readRunFile(options.runFile ?? join(checkout, '.quittance', 'run.json'));
      const paid = new AbortController();
      let last: Payment | null = null;
      const shop = await openShop({
        client: createClient({ baseUrl: run.api, apiKey: run.merchant.apiKey }),
        vault: run.vaultPublic,
        order: {
          id: options.order ?? `order-${randomBytes(4).toString('hex')}`,
          amount: options.amount,
          currency: options.currency,
          description: options.description ?? null,
        },
        port: 0,
        publishableKey: (origin) => seedPublishableKey({ run, merchant: run.merchant.id, origins: [origin] }),
        tried: (payment) => {
          last = payment;
          terminal.say(`${payment.id} ${payment.status}\n`);
          if (payment.status === 'captured') paid.abort();
        },
      });
      terminal.say(`open ${shop.url} in a browser (cards: ${run.api}/docs/test-cards); Ctrl-C ends it\n`);
      try {
        const end = AbortSignal.any([signal, paid.signal]);
        if (!end.aborted) await once(end, 'abort');
      } finally {
        await shop.close();
      }
      const payment = last as Payment | null;
      if (payment !== null) print(payment, () => renderPayment(payment));
    });
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payment } from '../../../clients/typescript/index.ts';
import { findChromium, openBrowser } from '../../../gateway/testing/browser.ts';
import { openWorld, type World } from '../../../proof/support/world.ts';
import { testCard } from '../../../proof/support/cards.ts';
import { readRunFile, type RunFile } from '../../../temporal-dev/run-file.ts';
import { seedPublishableKey } from '../../../temporal-dev/seed.ts';
import { stackRunFile } from '../../../temporal-dev/testing/stack-run-file.ts';
import { openShop, type Shop } from './shop.ts';

// The promise: a customer pays in a browser, and the number of the card goes to the vault and nowhere else.

const program = await findChromium();
if (program === null) console.log('no Chromium on the PATH: the checkout is not looked at in a browser');

describe.skipIf(program === null)('the checkout', { timeout: 120_000 }, () => {
  let run: RunFile;
  let world: World;
  let browser: Browser;
  let page: Page;
  let shop: Shop;
  const payments: Payment[] = [];
  const sent: { readonly to: string; readonly body: string }[] = [];
  const broken: string[] = [];
  const declinedNumber = '4000000000009995';
  const number = testCard(77_000_001);

  beforeAll(async () => {
    run = await readRunFile(stackRunFile());
    world = await openWorld(stackRunFile());
    shop = await openShop({
      client: world.client,
      vault: run.vaultPublic,
      order: { id: 'order <7>', amount: 4_200, currency: 'EUR', description: 'A <b>book</b>' },
      port: 0,
      publishableKey: (origin) => seedPublishableKey({ run, merchant: world.merchant, origins: [origin] }),
      tried: (payment) => payments.push(payment),
    });
    browser = await openBrowser(program ?? '');
    page = await (await browser.newContext()).newPage();
    page.on('request', (request) => {
      sent.push({ to: request.url(), body: request.postData() ?? '' });
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || /content security policy/i.test(message.text()))
        broken.push(message.text());
    });
  });
  afterAll(async () => {
    await browser.close();
    await shop.close();
    await world.close();
  });

  async function pay(card: string): Promise<string> {
    await page.getByLabel('Card number').fill(card.replace(/(.{4})(?=.)/g, '$1 '));
    await page.getByLabel('Expiry').fill('12/31');
    await page.getByLabel('Security code').fill('123');
    await page.getByRole('button', { name: 'Pay' }).click();
    await page.locator('main[data-end]').waitFor();
    return page.getByRole('status').innerText();
  }

  it('says what a decline means, lets the customer try again, and takes the payment', async () => {
    await page.goto(shop.url);
    expect(await page.locator('h1').innerText()).toBe('42.00 EUR');
    expect(await page.getByText('A <b>book</b>').count()).toBe(1);
    expect(await pay(declinedNumber)).toContain('try again later, or another card');
    expect(await pay(number)).toBe('Paid. Thank you.');
    expect(payments.map(({ status, amount }) => [status, amount])).toEqual([
      ['declined', 4_200],
      ['captured', 4_200],
    ]);
    expect(broken).toEqual([]);
  });

  it('gives the number to the vault alone: not to the shop, and not to the merchant API', async () => {
    const holding = sent.filter(({ body }) => body.includes(number) || body.includes(declinedNumber));
    expect(new Set(holding.map(({ to }) => to))).toEqual(new Set([`${run.vaultPublic}/v1/card-tokens`]));
    const shown = sent.filter(({ to }) => to === shop.url && !to.includes('card-tokens'));
    expect(shown.filter(({ body }) => body.includes('ctok_'))).toHaveLength(2);
    expect(await readFile(join(run.logs, 'api.log'), 'utf8')).not.toContain(number);
  });
});

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';
import { findChromium, openBrowser } from './testing/browser.ts';
import { newId } from '../platform/new-id.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { openGateway } from './testing/own-gateway.ts';
import { heldPayment, REVIEWED_AMOUNT, type HeldPayment } from './testing/payments.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: an operator who logs in reads a payment in Temporal Web as if its payloads were not
 * sealed. In a real browser, against the gateway that the stack itself started.
 */

const program = await findChromium();
if (program === null)
  // eslint-disable-next-line no-console -- whoever reads the run has to know what it did not look at
  console.log(
    'no Chromium on the PATH: what operators see in a browser is not tested (apt-get install chromium)',
  );

const LIMIT_MS = 60_000;

describe.skipIf(program === null)('Temporal Web behind the gateway', { timeout: 180_000 }, () => {
  let run: RunFile;
  let payment: HeldPayment;
  let browser: Browser;

  beforeAll(async () => {
    run = await readRunFile(stackRunFile());
    browser = await openBrowser(program ?? '');
    payment = await heldPayment(run);
  });
  afterAll(() => browser.close());

  /** Opens a page as somebody who follows a link: by way of the login; that of the payment when none is named. */
  async function open(
    role: string,
    path = `/namespaces/${run.temporal.namespace}/workflows/${payment.id}`,
  ): Promise<{ page: Page; violations: string[] }> {
    const operator = run.gateway.operators.find((known) => known.role === role);
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    const violations: string[] = [];
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) violations.push(message.text());
    });
    await page.goto(`${run.gateway.url}${path}`);
    expect(new URL(page.url()).pathname).toBe('/login');
    await page.getByLabel('Login').fill(operator?.login ?? '');
    await page.getByLabel('Password').fill(operator?.password ?? '');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL((url) => url.pathname.startsWith(path.replace(/\?.*$/s, '')));
    return { page, violations };
  }

  it('shows the input of a payment in the clear to who has logged in', async () => {
    const { page, violations } = await open('viewer');
    // The merchant's id stands nowhere but in the sealed input.
    await page.getByText(payment.merchant).first().waitFor();
    const text = await page.innerText('body');
    expect(text).toContain(`"payment": "${payment.id}"`);
    expect(text).not.toContain('binary/quittance-sealed');
    expect(violations).toEqual([]);
    await page.context().close();
  });

  it('asks for the login again once it is gone', async () => {
    const { page } = await open('viewer');
    await page.getByText(payment.merchant).first().waitFor();
    await page.goto(`${run.gateway.url}/`);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(/\/login$/);
    await page.goto(`${run.gateway.url}/namespaces/${run.temporal.namespace}/workflows`);
    expect(new URL(page.url()).pathname).toBe('/login');
    await page.context().close();
  });

  it('lets an operator send a signal from the page, sealed in their name', async () => {
    const { page } = await open('operator');
    await page.getByText(payment.merchant).first().waitFor();
    await page.getByRole('button', { name: /more actions/i }).click();
    await page.getByRole('menuitem', { name: /signal/i }).click();
    const dialog = page.getByRole('dialog', { name: /signal/i });
    await dialog.getByTestId('signal-select-button').click();
    // The page has asked the run which signals it takes.
    await dialog.getByRole('option', { name: 'knock' }).click();
    await dialog.getByRole('textbox', { name: 'Data' }).fill('"from the page"');
    const [encoded, signaled] = await Promise.all([
      page.waitForResponse((response) => new URL(response.url()).pathname === '/codec/encode'),
      page.waitForResponse((response) => new URL(response.url()).pathname.endsWith('/signal/knock')),
      dialog.getByRole('button', { name: /^submit$/i }).click(),
    ]);
    expect([encoded.status(), signaled.status()]).toEqual([200, 200]);
    expect(signaled.request().postData()).not.toContain('from the page');
    await page.context().close();
  });

  it('finds a payment in review by a search attribute, reads it, and takes a decision by its id', async () => {
    const reviewed = await heldPayment(run, REVIEWED_AMOUNT);
    const own = await openGateway(run);
    const id = newId('dcs');
    try {
      // Somebody else has proposed it: the update from the page is the second person's yes.
      const proposed = await (
        await own.visitor('operator')
      ).post('/internal/v1/decisions', {
        id,
        action: 'approve_review',
        payment_id: reviewed.id,
        reason: 'known customer',
        second_person: true,
      });
      expect(proposed.status, proposed.text).toBe(202);
    } finally {
      await own.close();
    }
    const query = `QuittanceMerchant="${reviewed.merchant}" AND QuittanceAttention="review"`;
    const list = `/namespaces/${run.temporal.namespace}/workflows?query=${encodeURIComponent(query)}`;
    const { page, violations } = await open('operator', list);
    await page.getByRole('link', { name: reviewed.id }).first().click();
    await page.waitForURL(/\/workflows\/pay_/);
    // The merchant's id stands nowhere but in the sealed input.
    await page.getByText(reviewed.merchant).first().waitFor();
    await page.getByRole('tab', { name: 'User Metadata' }).click();
    const told = page.locator('iframe[title="output"]');
    await told.nth(0).contentFrame().getByText('card payment, started by').waitFor();
    await told.nth(2).contentFrame().getByText('a person decides its review').waitFor();

    await page.getByRole('button', { name: /more actions/i }).click();
    await page.getByRole('menuitem', { name: /update/i }).click();
    const dialog = page.getByRole('dialog', { name: /update/i });
    await dialog.getByTestId('update-select-button').click();
    await dialog.getByRole('option', { name: 'ring' }).click();
    await dialog.getByRole('textbox', { name: 'Data' }).fill(JSON.stringify(id));
    const [updated] = await Promise.all([
      page.waitForResponse((response) => new URL(response.url()).pathname.endsWith('/update/ring')),
      dialog.getByRole('button', { name: /^submit$/i }).click(),
    ]);
    expect(updated.status(), await updated.text()).toBe(200);
    await waitUntil('the review is approved', 20_000, async () => (await reviewed.status()) === 'authorized');
    expect(violations).toEqual([]);
    await page.context().close();
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { findChromium, openBrowser } from '../../gateway/testing/browser.ts';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';

/**
 * The promise: the reference is read in a real browser under its strict policy, and its examples run
 * as they stand, against the API that serves them.
 */

const program = await findChromium();
if (program === null)
  // eslint-disable-next-line no-console -- whoever reads the run has to know what it did not look at
  console.log('no Chromium on the PATH: the reference is not looked at in a browser');

describe.skipIf(program === null)('the reference', { timeout: 120_000 }, () => {
  let run: RunFile;
  let browser: Browser;
  let page: Page;
  const broken: string[] = [];

  beforeAll(async () => {
    run = await readRunFile(stackRunFile());
    browser = await openBrowser(program ?? '');
    page = await (await browser.newContext()).newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || /content security policy/i.test(message.text()))
        broken.push(message.text());
    });
    page.on('requestfailed', (request) => broken.push(request.url()));
  });
  afterAll(() => browser.close());

  it('is laid out by our own style sheet, and leads from an operation to the problem it can answer', async () => {
    await page.goto(`${run.api}/docs`);
    expect(await page.title()).toBe('Quittance API');
    const nav = page.getByRole('navigation');
    // Beside the text, not above it: the style sheet was let in.
    expect((await nav.boundingBox())?.height).toBeGreaterThan(500);
    expect((await page.screenshot()).byteLength).toBeGreaterThan(10_000);
    await nav.getByRole('link', { name: 'Create a payment' }).click();
    const section = page.locator('#createPayment');
    await section.getByText('Problems').click();
    await section.getByRole('link', { name: 'amount_invalid' }).click();
    await page.getByRole('heading', { name: 'What to do' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/problems/amount_invalid');
    expect(broken).toEqual([]);
  });

  it('has examples that work when they are pasted', async () => {
    await page.goto(`${run.api}/docs`);
    const example = (id: string): Promise<string> => page.locator(`#${id}-example`).innerText();
    const pasted = async (id: string, payment = ''): Promise<Record<string, unknown>> => {
      const { stdout } = await promisify(execFile)('bash', ['-c', await example(id)], {
        env: {
          PATH: '/usr/local/bin:/usr/bin:/bin',
          API: run.api,
          KEY: run.merchant.apiKey,
          PAYMENT: payment,
        },
        timeout: 40_000,
      });
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const created = await pasted('createPayment');
    expect(created).toMatchObject({ object: 'payment', status: 'authorized' });
    const payment = String(created['id']);
    expect(await pasted('capturePart', payment)).toMatchObject({ amount_captured: 3_000 });
    expect(await pasted('refundPayment', payment)).toMatchObject({ object: 'refund', amount: 1_000 });
    expect(await pasted('getPayment', payment)).toMatchObject({ id: payment, amount_refunded: 1_000 });
    expect(await pasted('getLedgerStatement')).toMatchObject({ object: 'ledger_statement' });
  });
});

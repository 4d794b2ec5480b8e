import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, type PaymentDetails, type Quittance } from '../clients/typescript/index.ts';
import { packageRoot } from '../platform/package-root.ts';
import { journalOf } from './demo/journal.ts';
import { startWebhookReceiver, type ReceivedEvent, type WebhookReceiver } from './webhook-receiver.ts';
import { SCENES, type Outcome } from './demo/script.ts';
import { renderTable } from './demo/table.ts';
import { readRunFile, type RunFile } from './run-file.ts';
import { seedEndpoint, seedMerchant } from './seed.ts';
import { startStack } from './start-stack.ts';

const HELP = `npm run demo

Brings up the whole stack (or uses the one that "npm start" keeps up), plays scripted payments through
the public HTTP API as a new merchant, and shows what became of each: in our record, in the acquirer's
own journal, in the ledger and at the merchant's webhook receiver. Exits 0 only if every outcome is
the scripted one. The stack's state stays: "npm start" afterwards shows the same payments in Temporal Web.
`;

/** How long the events of the last payment may take to arrive (ms). */
const WEBHOOK_PATIENCE_MS = 20_000;

interface Row extends Outcome {
  readonly title: string;
}

async function main(): Promise<boolean> {
  const dir = join(packageRoot(), '.quittance');
  const { run, stop } = await stackOf(dir);
  try {
    return await play(run);
  } finally {
    await stop();
  }
}

/** The stack that is up already, or one that is up as long as this process. */
async function stackOf(dir: string): Promise<{ run: RunFile; stop: () => Promise<void> }> {
  const running = await readRunFile(join(dir, 'run.json')).catch(() => null);
  if (running !== null && (await answers(running))) {
    console.log(`using the stack that is up at ${running.api}`);
    return { run: running, stop: async () => undefined };
  }
  console.log('starting the stack …');
  const stack = await startStack({
    dir,
    ports: 'default',
    say: (line) => {
      console.log(`  ${line}`);
    },
  });
  return {
    run: stack.runFile,
    stop: async () => {
      console.log('stopping the stack; "npm start" brings it back with these payments in it');
      await stack.stop();
    },
  };
}

async function answers({ api }: RunFile): Promise<boolean> {
  const response = await fetch(`${api}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
  return response?.ok === true;
}

async function play(run: RunFile): Promise<boolean> {
  const apiKey = `sk_test_${randomBytes(32).toString('hex')}`;
  const acquirers = run.acquirers.map(({ id }) => id);
  const merchant = await seedMerchant({
    ownerUrl: run.postgres.urls.owner,
    apiKey,
    name: 'Demo shop',
    acquirers,
  });
  const client = createClient({ baseUrl: run.api, apiKey });
  let secret = '';
  const received: ReceivedEvent[] = [];
  const receiver = await startWebhookReceiver(
    () => secret,
    (event) => void received.push(event),
  );
  try {
    secret = await seedEndpoint({ run, merchant, url: `${receiver.origin}/webhooks` });
    const rows: Row[] = [];
    const failures: string[] = [];
    for (const [index, scene] of SCENES.entries()) {
      const started = Date.now();
      process.stdout.write(`[${index + 1}/${SCENES.length}] ${scene.title} … `);
      try {
        rows.push({ title: scene.title, ...(await scene.play(client)) });
        console.log(`as scripted (${Date.now() - started} ms)`);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        failures.push(`${scene.title}: ${reason}`);
        console.log(`NOT AS SCRIPTED\n      ${reason}`);
      }
    }
    failures.push(...(await report(run, client, { received, refused: receiver.refused }, rows)));
    for (const failure of failures) console.log(`✗ ${failure}`);
    console.log(
      failures.length === 0
        ? `\nall ${SCENES.length} outcomes are the scripted ones`
        : `\n${failures.length} not as scripted`,
    );
    return failures.length === 0;
  } finally {
    await receiver.close();
  }
}

/** The table and the books; whatever does not agree is a failure. */
async function report(
  run: RunFile,
  client: Quittance,
  receiver: Receiver,
  rows: readonly Row[],
): Promise<string[]> {
  const failures: string[] = [];
  const details = await Promise.all(rows.map(({ payment }) => client.payments.get(payment)));
  await eventually(() => details.every(({ id }) => eventsOf(receiver, id).length > 0), WEBHOOK_PATIENCE_MS);
  const lines: string[][] = [];
  for (const [index, row] of rows.entries()) {
    const detail = details[index];
    if (detail === undefined) continue;
    const events = eventsOf(receiver, detail.id);
    if (events.length === 0) failures.push(`${detail.id}: no webhook arrived`);
    const journal = await acquirerSide(run, detail);
    lines.push([
      detail.id,
      row.asked,
      row.outcome,
      journal,
      String(detail.ledger?.length ?? 0),
      `${events.length} verified`,
      `${run.gateway.url}/namespaces/${run.temporal.namespace}/workflows/${detail.id}`,
    ]);
  }
  const header = [
    'payment',
    'asked',
    'outcome',
    'acquirer reference: journal',
    'ledger',
    'webhooks',
    'Temporal Web',
  ];
  console.log(`\namounts in EUR\n${renderTable(header, lines)}`);
  const viewer = run.gateway.operators.find(({ role }) => role === 'viewer');
  if (viewer !== undefined)
    console.log(`Temporal Web asks for a login: ${viewer.login}, password ${viewer.password}`);
  if (receiver.refused() > 0) failures.push(`${receiver.refused()} webhooks came with a wrong signature`);
  failures.push(...(await trialBalance(client)));
  return failures;
}

/** What came to the merchant: whose signature was right, in order of arrival. */
interface Receiver extends Pick<WebhookReceiver, 'refused'> {
  readonly received: readonly ReceivedEvent[];
}

function eventsOf({ received }: Receiver, payment: string): string[] {
  return received.filter((event) => event.payment === payment).map(({ type }) => type);
}

/** The reference of the authorization, with what the acquirer wrote down under it. */
async function acquirerSide(run: RunFile, { attempts = [] }: PaymentDetails): Promise<string> {
  const reference = attempts.find(({ rrn }) => rrn !== null)?.rrn;
  const journal = run.acquirers[0]?.journal;
  if (reference == null || journal === undefined) return 'nothing sent';
  return `${reference}: ${(await journalOf(journal, reference)).join(', ') || 'nothing'}`;
}

async function trialBalance(client: Quittance): Promise<string[]> {
  const { currencies } = await client.ledger.trialBalance();
  console.log(
    `\n${renderTable(
      ['trial balance', 'debits', 'credits'],
      currencies.map(({ currency, debits, credits }) => [currency, String(debits), String(credits)]),
    )}`,
  );
  return currencies
    .filter(({ debits, credits }) => debits !== credits)
    .map(({ currency }) => `the books do not balance in ${currency}`);
}

async function eventually(holds: () => boolean, deadlineMs: number): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!holds() && Date.now() < end) await delay(50);
}

if (process.argv.includes('--help')) console.log(HELP);
else process.exitCode = (await main()) ? 0 : 1;

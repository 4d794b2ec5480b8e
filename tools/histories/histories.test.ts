import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPayloadCodec } from '../../platform/payload-codec/codec.ts';
import { BUNDLE, brokenBundle } from '../../proof/support/bundles.ts';
import { PATCHES } from '../../workflows/patches.ts';
import { explain, patchesOf } from '../replay/explain.ts';
import { quietRuntime, replayRuns, type Replayed } from '../replay/replay-runs.ts';
import { developmentKeyring } from './development-keyring.ts';
import { readHistory, type Run } from './history-file.ts';
import { readableTexts } from './reseal.ts';

/**
 * The promise: the workflows that are built now go on with every life that a payment, a card verification or a
 * delivery has ever been recorded with, those from before each patch included; and code that does the same otherwise
 * is refused.
 */
const FOLDERS = [
  'workflows/payment/histories',
  'workflows/card-verification/histories',
  'workflows/webhook-delivery/histories',
];
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
let runs: readonly Run[] = [];

const codec = async () => createPayloadCodec(await developmentKeyring(), silent);

beforeAll(async () => {
  quietRuntime();
  const paths: string[] = [];
  for (const folder of FOLDERS)
    for (const name of await readdir(folder, { recursive: true }))
      if (name.endsWith('.json')) paths.push(join(folder, name));
  runs = await Promise.all(paths.map((path) => readHistory(path)));
});

async function replayed(bundle: WorkflowBundleOption, some: readonly Run[]): Promise<readonly Replayed[]> {
  const results: Replayed[] = [];
  const failureConverterPath = join(process.cwd(), 'dist/workflows/failure-converter.js');
  const dataConverter = { payloadCodecs: [await codec()], failureConverterPath };
  async function* each() {
    yield* some;
  }
  await replayRuns({ bundle, dataConverter }, each(), (result) => results.push(result));
  return results;
}

const named = (...names: readonly string[]): readonly Run[] =>
  runs.filter(({ name }) => names.some((one) => name.endsWith(`histories/${one}.json`)));

describe('the recorded histories', () => {
  it('replay without a difference on the workflows that are built now', async () => {
    expect(runs.length).toBeGreaterThan(35);
    const results = await replayed(BUNDLE, runs);
    expect(results).toHaveLength(runs.length);
    const diverged = results.filter(({ error }) => error !== null);
    expect(diverged.map((result) => explain(result, Object.keys(PATCHES)))).toEqual([]);
  });

  it.each([
    [
      'scores after it has chosen the acquirer',
      'payment/authorize.js',
      'fraud.score(',
      'routing.route(',
      'approved',
      /the history says score, this code would do route/,
    ],
    [
      'forgets to record how a call ended',
      'payment/send.js',
      'ledger.conclude(',
      'ledger.load(',
      'declined',
      /the history says conclude, this code would do load/,
    ],
    [
      'refunds where it captured',
      'payment/call.js',
      "capture: 'capture'",
      "capture: 'refund'",
      'approved-authorize-and-capture',
      /the history says capture, this code would do refund/,
    ],
    [
      'asks an issuer again without a pause',
      'card-verification/card-verification.workflow.js',
      'await sleep(Math.max(',
      'await Promise.resolve(Math.max(',
      'card-unknown',
      /timer/i,
    ],
    [
      'does not wait before it tries again',
      'webhook-delivery/webhook-delivery.workflow.js',
      'await sleep(pause',
      'await Promise.resolve(pause',
      'delivery-taken-the-second-time',
      /timer/i,
    ],
  ])(
    'do not replay on a workflow that %s, and are explained',
    async (_what, file, text, replacement, name, said) => {
      const [result] = await replayed(await brokenBundle(file, text, replacement), named(name));
      expect(result?.error).not.toBeNull();
      if (result !== undefined) expect(explain(result, Object.keys(PATCHES))).toMatch(said);
    },
  );

  it('are of both sides of every patch', () => {
    for (const id of Object.keys(PATCHES)) {
      const sides = new Set(runs.map(({ history }) => patchesOf(history).includes(id)));
      expect(sides, `histories with and without ${id}`).toEqual(new Set([true, false]));
    }
  });

  it('hold no card number, can be read with the development key, and name the SDK that made them', async () => {
    const opener = await codec();
    for (const { name, history } of runs) {
      const texts = await readableTexts(history, opener);
      expect(texts.length, name).toBeGreaterThan(0);
      // What does not open comes back as a refusal.
      expect(texts.join('\n'), name).not.toContain('quittance/refused');
      expect(texts.flatMap(cardNumbersIn), name).toEqual([]);
      const completed = history.events?.filter((event) => event.workflowTaskCompletedEventAttributes != null);
      expect(
        completed?.some(
          (event) =>
            event.workflowTaskCompletedEventAttributes?.sdkMetadata?.sdkName === 'temporal-typescript',
        ),
        name,
      ).toBe(true);
    }
    // The search checks itself.
    expect(cardNumbersIn('{"pan":"4242424242424242"}')).toHaveLength(1);
  });
});

/** Numbers of a card's length that pass Luhn and begin as cards do; times in ms do not. */
function cardNumbersIn(text: string): readonly string[] {
  return (text.match(/(?<!\d)[2-6]\d{12,18}(?!\d)/g) ?? []).filter((number) => {
    const sum = Array.from(number, Number)
      .reverse()
      .map((digit, place) => digit * (place % 2 === 0 ? 1 : 2))
      .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
    return sum % 10 === 0;
  });
}

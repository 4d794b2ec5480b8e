import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { ProblemError } from '../../clients/typescript/index.ts';
import { openWorld, type World } from '../support/world.ts';
import type { CardName } from './cards.ts';
import type { ModelPayment, Rules } from './payment.ts';

/** A request that was answered for good, and what with. */
export interface AnsweredCall {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly key: string;
  readonly status: number;
  readonly text: string;
}

/** What the model knows: every payment of the merchant, and every answer that a repeat must have again. */
export interface Model {
  readonly rules: Rules;
  readonly payments: ModelPayment[];
  readonly answered: AnsweredCall[];
  readonly uses: Map<CardName, number>;
}

export interface Said {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** A merchant of its own, at one ISO 8583 acquirer. */
export function openShop(runPath: string, singleMessage: boolean): Promise<World> {
  return openWorld(runPath, { acquirers: ['acquirer-1'], singleMessage });
}

/** Until it is known what became of a request (ms). */
const KNOWN_WITHIN_MS = 60_000;

/**
 * Asks with the merchants' own client, and with the same key again while the answer is "processing".
 * @throws Error when it stays so
 */
export async function ask(
  { client }: World,
  path: string,
  body: Record<string, unknown>,
  key: string,
): Promise<Said> {
  const end = Date.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      const answer = await client.request<Record<string, unknown>>({
        method: 'POST',
        path,
        body,
        idempotencyKey: key,
        wait: 20,
      });
      if (answer.status !== 202) return answer;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      // The very bytes: what was read is written again with nothing added, in the same order.
      return { status: error.status, text: JSON.stringify(error.problem), body: { ...error.problem } };
    }
    if (Date.now() > end) throw new Error(`${path} is not known after ${KNOWN_WITHIN_MS} ms`);
    await delay(50);
  }
}

/** Asks, holds the answer against what was foretold, and remembers it. */
export async function expectAnswer(
  model: Model,
  world: World,
  { path, body }: Pick<AnsweredCall, 'path' | 'body'>,
  foretold: { readonly status: number; readonly body: Record<string, unknown> },
): Promise<Said> {
  const key = crypto.randomUUID();
  const said = await ask(world, path, body, key);
  const what = `POST ${path} ${JSON.stringify(withoutCard(body))} was answered ${said.status} ${said.text}`;
  expect(said.status, what).toBe(foretold.status);
  expect(said.body, what).toMatchObject(foretold.body);
  // What is wrong with a request itself is told each time anew.
  if (said.status !== 400) model.answered.push({ path, body, key, status: said.status, text: said.text });
  return said;
}

function withoutCard({ card: _, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest;
}

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ProcessRole } from './process-settings.ts';

/**
 * Where a process can be made to die, exactly there: the boundaries between what is done and what is
 * written down. Each has a moment before it and one after it. Nothing happens at any of them, and nothing is
 * looked up, unless the process was armed, and only a development stack lets itself be armed.
 */
export const BOUNDARIES = {
  'idempotency-row': { in: ['api'], about: 'key, payment and command are committed' },
  'workflow-start': { in: ['api', 'back-office'], about: 'the run is rung for, and started where none is open' },
  'event-row': { in: ['api'], about: 'what an acquirer tells is committed, and answered 200' },
  'vault-write': { in: ['vault'], about: 'a card is staged, tokenized or given out, with its audit row' },
  score: { in: ['payments'], about: 'the risk is counted and decided' },
  'attempt-row': { in: ['payments'], about: 'a change that plans an attempt is committed' },
  'bytes-to-acquirer': { in: ['acquirers'], about: 'the request is handed to the socket' },
  'answer-read': { in: ['acquirers'], about: 'before: its bytes have come; after: it is understood, in memory alone' },
  'answer-row': { in: ['acquirers'], about: 'the answer is written into the attempt’s row' },
  'ledger-commit': { in: ['payments'], about: 'a change with postings is committed, state and events with it' },
  'outbox-commit': { in: ['payments'], about: 'a change with events: the outbox is rows of the ledger’s own commit' },
  'webhook-2xx': { in: ['webhooks'], about: 'before: it is about to be sent; after: 2xx came, not written down' },
  'update-accept': { in: ['payments'], about: 'a workflow task that accepts an update is reported' },
  'timer-set': { in: ['payments'], about: 'a workflow task that starts a timer is reported' },
} as const satisfies Record<string, { readonly in: readonly ProcessRole[]; readonly about: string }>; // prettier-ignore

export type Boundary = keyof typeof BOUNDARIES;
export const BOUNDARY_NAMES = Object.keys(BOUNDARIES) as Boundary[];
export const SIDES = ['before', 'after'] as const;
export type Side = (typeof SIDES)[number];

export interface Passage {
  readonly boundary: Boundary;
  readonly side: Side;
}

/** Node's own: without a subscriber a passage is one look at a flag. */
const CHANNEL = 'quittance:crash-point';
const passages = channel(CHANNEL);

/** This process passes here. Does nothing unless it is armed. */
export function crashPoint(boundary: Boundary, side: Side): void {
  if (passages.hasSubscribers) passages.publish({ boundary, side } satisfies Passage);
}

/** Passes before `work`, and after it when it has succeeded. */
export function atBoundary<T>(boundary: Boundary, work: () => Promise<T>): Promise<T> {
  return passages.hasSubscribers ? around([boundary], work) : work();
}

/** As atBoundary, where what is done decides which boundaries it is; not asked unless the process is armed. */
export function atBoundaries<T>(which: () => readonly Boundary[], work: () => Promise<T>): Promise<T> {
  return passages.hasSubscribers ? around(which(), work) : work();
}

async function around<T>(boundaries: readonly Boundary[], work: () => Promise<T>): Promise<T> {
  for (const boundary of boundaries) crashPoint(boundary, 'before');
  const result = await work();
  for (const boundary of boundaries) crashPoint(boundary, 'after');
  return result;
}

/** Whether something may happen at a crash point of this process. */
export function areCrashPointsArmed(): boolean {
  return passages.hasSubscribers;
}

/** Hears of every passage of this process, before it goes on. @returns how to stop hearing */
export function onPassage(hear: (passage: Passage) => void): () => void {
  const heard = (message: unknown): void => {
    hear(message as Passage);
  };
  subscribe(CHANNEL, heard);
  return () => {
    unsubscribe(CHANNEL, heard);
  };
}

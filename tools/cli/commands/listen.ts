import type { Command } from 'commander';
import { signWebhook, type StreamedEvent } from '../../../clients/typescript/index.ts';
import { contextOf, type Surroundings } from '../context.ts';
import { EXIT, Failure } from '../failure.ts';
import { count, url, words } from '../options.ts';
import { randomSecret, readSaved } from '../session.ts';

interface ListenOptions {
  readonly forwardTo?: string;
  readonly types?: string[];
  readonly secret?: string;
  readonly after?: string;
  readonly count?: number;
}

/** As long as an endpoint has (docs/api.md). */
const FORWARD_LIMIT_MS = 15_000;

/** `listen`: events as they happen, and forwarded to an address of one's own. */
export function addListen(program: Command, surroundings: Surroundings): void {
  program
    .command('listen')
    .description(
      'Shows events as they happen, until Ctrl-C. With --forward-to each is also sent to that address, signed as a webhook is (Standard Webhooks), with the secret that is printed at the start.',
    )
    .option('--forward-to <url>', 'such as http://localhost:3000/webhooks', url)
    .option('--types <types>', 'only these, with commas: payment.captured,refund.succeeded', words)
    .option('--secret <whsec>', 'sign with this one instead of your own')
    .option('--after <position>', 'begin behind an event (evt_…), or a position that --json printed')
    .option('--count <count>', 'end after so many', count)
    .action(async (_, command: Command) => {
      const context = contextOf<ListenOptions>(command, surroundings);
      const { options, terminal, signal, configPath } = context;
      const { client, api, mode } = await context.session();
      const { forwardTo, types = [] } = options;
      const secret = options.secret ?? (await readSaved(configPath))?.forwardSecret ?? randomSecret();
      if (!secret.startsWith('whsec_')) throw new Failure('--secret begins with whsec_', EXIT.misused);
      let seen = 0;
      let refused = 0;
      let greeted = false;
      const stream = client.events.stream({
        ...(options.after === undefined ? {} : { after: options.after }),
        signal,
        onOpen: () => {
          if (greeted) return;
          greeted = true;
          terminal.say(`listening to ${mode} events of ${api}; Ctrl-C ends it\n`);
          if (forwardTo !== undefined) terminal.say(`forwarding to ${forwardTo}, signed with ${secret}\n`);
        },
        onRetry: (why, pauseMs) => {
          terminal.say(`${why}; again in ${(pauseMs / 1_000).toFixed(1)} s, where it stopped\n`);
        },
      });
      for await (const streamed of stream) {
        const { event, position } = streamed;
        if (types.length > 0 && !types.includes(event.type)) continue;
        const forwarded = forwardTo === undefined ? null : await forward(forwardTo, secret, streamed, signal);
        if (forwarded !== null && !forwarded.taken) refused += 1;
        terminal.out(
          options.json === true
            ? `${JSON.stringify({ position, event, forwarded })}\n`
            : `${lineOf(streamed)}${forwarded === null ? '' : `  → ${forwarded.result} (${forwarded.ms} ms)`}\n`,
        );
        seen += 1;
        if (seen === options.count) break;
      }
      if (refused > 0)
        throw new Failure(`${refused} of ${seen} were not taken by ${forwardTo ?? ''}`, EXIT.refused);
    });
}

function lineOf({ event: { created, type, id, data } }: StreamedEvent): string {
  const about = data.payment === undefined ? '' : `${data.payment.id} ${data.payment.status}`;
  return `${created.slice(11, 19)}  ${type.padEnd(28)} ${id}  ${about}`.trimEnd();
}

interface Forwarded {
  readonly taken: boolean;
  /** Status, or why there is none. */
  readonly result: string;
  readonly ms: number;
}

/** The very bytes, signed now. A redirect is not followed, as a webhook's is not. */
async function forward(
  to: string,
  secret: string,
  { event, body }: StreamedEvent,
  signal: AbortSignal,
): Promise<Forwarded> {
  const began = Date.now();
  const done = (taken: boolean, result: string): Forwarded => ({ taken, result, ms: Date.now() - began });
  try {
    const response = await fetch(to, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...signWebhook(body, event.id, secret, new Date()) },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(FORWARD_LIMIT_MS)]),
    });
    await response.body?.cancel();
    return done(response.status >= 200 && response.status < 300, String(response.status));
  } catch (error) {
    const { cause } = error as Error;
    return done(false, cause instanceof Error ? cause.message || cause.name : String(error));
  }
}

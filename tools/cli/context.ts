import type { Command } from 'commander';
import { openSession, type Choice, type Session, type Sources } from './session.ts';
import type { Terminal } from './terminal.ts';

/** What commands are made with. */
export interface Surroundings extends Sources {
  readonly terminal: Terminal;
  /** Aborted when a person ends the command. */
  readonly signal: AbortSignal;
}

/** Said with any command. */
export interface CommonOptions extends Choice {
  readonly json?: boolean;
}

/** One run of a command. */
export interface Context<Options> extends Surroundings {
  readonly options: Options & CommonOptions;
  readonly session: () => Promise<Session>;
  /** The answer: as JSON where that was asked for, else for people. */
  readonly print: (value: unknown, forPeople: () => string) => void;
}

export function contextOf<Options extends object>(
  command: Command,
  surroundings: Surroundings,
): Context<Options> {
  const { terminal } = surroundings;
  const options = command.optsWithGlobals<Options & CommonOptions>();
  return {
    ...surroundings,
    options,
    session: () =>
      openSession(options, surroundings, (why, pauseMs) => {
        terminal.say(`${why}\nagain in ${(pauseMs / 1_000).toFixed(1)} s\n`);
      }),
    print: (value, forPeople) => {
      terminal.out(options.json === true ? `${JSON.stringify(value, null, 2)}\n` : forPeople());
    },
  };
}

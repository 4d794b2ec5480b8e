import { parseArgs, type ParseArgsConfig } from 'node:util';

/** How a command of people ends. */
export const ENDED = {
  done: 0,
  refused: 1,
  /** What was typed is no command. */
  misused: 2,
  /** The database, Temporal or the gateway did not answer: the same said again happens once. */
  unanswered: 3,
} as const;

/** What was typed is not a command; the message says what is wrong with it. Nothing was asked of anybody. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked cannot be; nothing was changed. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** What an error says; of several at once (a host with many addresses), each. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** `parseArgs` of Node. @throws UsageError where that throws for what was typed. */
export function readArguments<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

/** The value of an option that cannot be left out, or be blank. @throws UsageError that names it. */
export function needed(option: string, value: string | boolean | undefined): string {
  if (typeof value !== 'string' || value.trim() === '') throw new UsageError(`--${option} is missing`);
  return value;
}

/**
 * Runs a command with what was typed behind its name. What it throws is told in one line on standard error,
 * with a hint at the help where it was typed wrongly; the process ends with one of ENDED when nothing is
 * left to do.
 * @param name as it is typed, such as `ops:adjust`.
 * @param main resolves to the exit code; what is no number = done.
 * @param isRefused which errors mean that it was refused; of all others but UsageError nobody answered.
 */
export async function runCommand(
  name: string,
  main: (args: readonly string[]) => Promise<unknown>,
  isRefused: (error: unknown) => boolean = (error) => error instanceof Refused,
): Promise<void> {
  try {
    const code = await main(process.argv.slice(2));
    process.exitCode = typeof code === 'number' ? code : ENDED.done;
  } catch (error) {
    const misused = error instanceof UsageError;
    process.stderr.write(`${name}: ${messageOf(error)}${misused ? ' (--help)' : ''}\n`);
    process.exitCode = misused ? ENDED.misused : isRefused(error) ? ENDED.refused : ENDED.unanswered;
  }
}

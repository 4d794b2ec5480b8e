import { CommanderError } from 'commander';
import {
  ConnectionError,
  ProblemError,
  QuittanceError,
  StillProcessingError,
  UnexpectedAnswerError,
} from '../../clients/typescript/index.ts';

/** How the command ends; for scripts. */
export const EXIT = {
  done: 0,
  /** The API, or this command, said no. */
  refused: 1,
  /** What was typed is no command. */
  misused: 2,
  /** No answer: what was asked for may have been done. */
  unanswered: 3,
  /** The payment was declined, blocked or failed, or what was asked of it failed. */
  notPaid: 4,
  /** The outcome is not known yet. */
  processing: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with that code; its text says what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.refused, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** What a person is told of an error, and how the command ends. */
export function failureOf(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof Failure) return { text: error.message, exitCode: error.exitCode };
  // Its text is on the terminal already.
  if (error instanceof CommanderError)
    return { text: '', exitCode: error.exitCode === 0 ? EXIT.done : EXIT.misused };
  if (error instanceof ProblemError) {
    const { problem } = error;
    const hint = HINTS[error.code] ?? `explained at ${problem.type} of the API`;
    const where = error.param === null ? '' : ` at ${error.param}`;
    return {
      text: `${error.code}${where}: ${problem.detail}\n${hint}${error.requestId === null ? '' : ` (request ${error.requestId})`}${keyText(error)}`,
      // It broke off: that says nothing about what was asked for.
      exitCode: error.status >= 500 ? EXIT.unanswered : EXIT.refused,
    };
  }
  if (error instanceof ConnectionError)
    return {
      text: `${error.message}${keyText(error)}\nis the stack up? npx quittance up`,
      exitCode: EXIT.unanswered,
    };
  if (error instanceof UnexpectedAnswerError)
    return { text: `${error.message}${keyText(error)}`, exitCode: EXIT.unanswered };
  if (error instanceof StillProcessingError) return { text: error.message, exitCode: EXIT.processing };
  return { text: error instanceof Error ? error.message : String(error), exitCode: EXIT.refused };
}

/**
 * What is still to be told when a person ended the command; '' = nothing. Only what they cannot know: what
 * was sent may have been done, and by which key to learn of it.
 */
export function leftOpenBy(error: unknown): string {
  if (error instanceof Failure && error.exitCode === EXIT.processing) return error.message;
  return error instanceof QuittanceError && isOpen(error) ? `${error.message}${keyText(error)}` : '';
}

/** Whether what was asked for may have been done. A refusal of the request itself (400, 404, 422) says that it was not. */
function isOpen(error: QuittanceError): boolean {
  if (error.idempotencyKey === null) return false;
  return !(error instanceof ProblemError) || ![400, 404, 422].includes(error.status);
}

function keyText(error: QuittanceError): string {
  return isOpen(error)
    ? `\nsend it again as it was, to learn what became of it: --idempotency-key ${error.idempotencyKey ?? ''}`
    : '';
}

const HINTS: Readonly<Record<string, string>> = {
  api_key_invalid: 'log in again: npx quittance login --api URL --key sk_test_…',
  api_key_missing: 'log in first: npx quittance login',
  payment_not_found: 'npx quittance payments list shows those of this key',
};

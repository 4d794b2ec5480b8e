import type { Problem, ProblemCode } from './types.ts';

/** Whatever this client throws about a request. */
export class QuittanceError extends Error {
  override readonly name: string = 'QuittanceError';
  /** The key of the request; send it again with the same body to learn what became of it. Null = it had none. */
  readonly idempotencyKey: string | null;

  constructor(message: string, idempotencyKey: string | null, options?: ErrorOptions) {
    super(message, options);
    this.idempotencyKey = idempotencyKey;
  }
}

/**
 * No answer came, however often it was asked, or a repeat was refused before its key was looked at (too many
 * requests, say: `cause` is that problem). **What was asked for may have been done**: the same request with the
 * same key tells.
 */
export class ConnectionError extends QuittanceError {
  override readonly name = 'ConnectionError';
}

/** An answer that is none of this API's: of a proxy, or cut short. What was asked for may have been done. */
export class UnexpectedAnswerError extends QuittanceError {
  override readonly name = 'UnexpectedAnswerError';
  readonly status: number;

  constructor(status: number, message: string, idempotencyKey: string | null) {
    super(message, idempotencyKey);
    this.status = status;
  }
}

/** The API said no: a problem document (RFC 9457). `code` is what programs look at. */
export class ProblemError extends QuittanceError {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  /** After how long it is worth asking again (ms); null when it was not said. */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, retryAfterMs: number | null, idempotencyKey: string | null) {
    const { status, code, detail, request_id: requestId } = problem;
    super(`${status} ${code}: ${detail}${requestId === undefined ? '' : ` (${requestId})`}`, idempotencyKey);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  get status(): number {
    return this.problem.status;
  }
  get code(): ProblemCode {
    return this.problem.code;
  }
  /** JSON pointer into the body, or the name of a parameter; null when it is about no field. */
  get param(): string | null {
    return this.problem.param ?? null;
  }
  get requestId(): string | null {
    return this.problem.request_id ?? null;
  }
}

/** A payment that was waited for and is still processing. It is neither yes nor no: wait again, or for its webhook. */
export class StillProcessingError extends QuittanceError {
  override readonly name = 'StillProcessingError';
  readonly payment: string;

  constructor(payment: string, deadlineMs: number) {
    super(
      `${payment} is still processing after ${deadlineMs} ms: its outcome is not known yet; wait again, or for its webhook`,
      null,
    );
    this.payment = payment;
  }
}

/** Whether it is a problem with that code. */
export function isProblem(error: unknown, code: ProblemCode): error is ProblemError {
  return error instanceof ProblemError && error.code === code;
}

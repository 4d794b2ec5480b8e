/** Every way in which the gateway says no (RFC 9457): the status and the title follow from the code. */
export const PROBLEMS = {
  malformed_request: { status: 400, title: 'The request cannot be read' },
  login_required: { status: 401, title: 'Nobody is logged in' },
  role_insufficient: { status: 403, title: 'The role of this operator is not enough' },
  action_refused: { status: 403, title: 'Nobody may do this here' },
  second_person_needed: { status: 403, title: 'Somebody else must decide this' },
  foreign_origin: { status: 403, title: 'The request comes from another site' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  method_not_allowed: { status: 405, title: 'This address does not take this method' },
  decision_refused: { status: 409, title: 'This cannot be decided as things stand' },
  body_too_large: { status: 413, title: 'The body is too large' },
  too_many_logins: { status: 429, title: 'Too many logins were tried' },
  internal_error: { status: 500, title: 'Something is wrong here' },
  web_unavailable: { status: 502, title: 'Temporal Web does not answer' },
  service_unavailable: { status: 503, title: 'The request cannot be taken now' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** Ends a request. Nothing of `cause` ever leaves the process. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;

  /** @param detail what happened, to what, and what to do. */
  constructor(code: ProblemCode, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

export function problemBody({ code, message }: Problem): string {
  const { status, title } = PROBLEMS[code];
  return JSON.stringify({ type: `/problems/${code}`, title, status, code, detail: message });
}

/** Any error as a problem; what nobody foresaw says nothing of itself. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // body-parser's errors say with `type` what was wrong with a body, and with `status` whose fault it was.
  if (error instanceof Error && 'type' in error && 'status' in error) {
    if (error.type === 'entity.too.large')
      return new Problem('body_too_large', 'the body is larger than this address takes');
    if (typeof error.status === 'number' && error.status < 500)
      return new Problem('malformed_request', 'the body could not be read', error);
  }
  return new Problem(
    'internal_error',
    'the request was not carried out; the log of the gateway says why',
    error,
  );
}

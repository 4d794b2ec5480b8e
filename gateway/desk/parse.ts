import { z } from 'zod';
import { Problem } from '../problem.ts';
import { LOGIN_FORM } from '../../platform/login-form.ts';
import { DECISION_ACTIONS, DECISION_STATES } from './records.ts';

const SUFFIX = '[0-7][0-9a-hjkmnp-tv-z]{25}';
const id = (prefixes: string) => z.string().regex(new RegExp(`^(${prefixes})_${SUFFIX}$`));
// One line of a log, a page and a table.
const words = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[^\u0000-\u001f\u007f]*$/);

const OPERATIONS = 'cap|ref|void|rel|exp|und|auth|rea|inc';

/** A bulk's id: a digest of the list of payments that it is about. */
const BULK = /^blk_[0-9a-f]{32}$/;

const askedDecision = z.strictObject({
  id: id('dcs'),
  action: z.enum(DECISION_ACTIONS),
  payment_id: id('pay').optional(),
  /** Of a delivery or an adjustment; of the others it is known. */
  merchant_id: id('mer').optional(),
  /** The operation, case or delivery that it is about. */
  subject: z
    .string()
    .regex(new RegExp(`^((case|${OPERATIONS})_${SUFFIX}|dlv_[0-9a-z]{26}_[0-9a-z]{26}(_r[1-9][0-9]*)?)$`))
    .optional(),
  /** Of an adjustment. */
  body: z
    .strictObject({
      mode: z.enum(['test', 'live']),
      debit_code: z.string().min(1).max(100),
      credit_code: z.string().min(1).max(100),
      /** Minor units. */
      amount: z.int().positive(),
      currency: z.string().regex(/^[A-Z]{3}$/),
    })
    .optional(),
  reason: words,
  evidence: words.optional(),
  second_person: z.boolean().optional(),
  /** The list that it is decided with. */
  bulk: z.string().regex(BULK).optional(),
});
/** A decision as somebody asks for it. */
export type AskedDecision = z.infer<typeof askedDecision>;

const needs = {
  approve_review: ['payment_id'],
  reject_review: ['payment_id'],
  call_executed: ['payment_id', 'subject', 'evidence'],
  call_not_executed: ['payment_id', 'subject', 'evidence'],
  force_reversal: ['payment_id'],
  release_hold: ['payment_id'],
  extend_hold: ['payment_id'],
  ask_now: ['payment_id'],
  pause_payment: ['payment_id'],
  resume_payment: ['payment_id'],
  close_case: ['subject', 'evidence'],
  retry_webhook: ['merchant_id', 'subject'],
  adjust: ['merchant_id', 'body', 'evidence'],
} as const satisfies Record<AskedDecision['action'], readonly (keyof AskedDecision)[]>;

/** @throws Problem `malformed_request` that names what is wrong. */
export function parseDecision(body: unknown): AskedDecision {
  const asked = parse(askedDecision, body, 'a decision');
  for (const name of needs[asked.action])
    if (asked[name] === undefined)
      throw new Problem('malformed_request', `${asked.action} (${asked.id}) needs ${name}`);
  return asked;
}

const why = z.strictObject({ why: words.optional() });
/** @throws Problem `malformed_request` */
export const parseWhy = (body: unknown): string | null =>
  parse(why, body ?? {}, 'a confirmation').why ?? null;

const assignment = z.strictObject({ assignee: z.string().regex(LOGIN_FORM).nullable() });
/** @throws Problem `malformed_request` */
export const parseAssignment = (body: unknown): string | null =>
  parse(assignment, body, 'an assignment').assignee;

const limit = z.coerce.number().int().min(1).max(500).default(100);
const queueQuery = z.object({
  kind: z.string().max(50).optional(),
  assignee: z.string().regex(LOGIN_FORM).optional(),
  overdue: z.enum(['true', 'false']).default('false'),
  limit,
});
/** @throws Problem `malformed_request` */
export const parseQueue = (query: unknown) => {
  const { kind = null, assignee = null, overdue, limit: most } = parse(queueQuery, query, 'the query');
  return { kind, assignee, overdue: overdue === 'true', limit: most };
};

const decisionsQuery = z.object({ state: z.enum([...DECISION_STATES, 'all']).default('proposed'), limit });
/** @throws Problem `malformed_request` */
export const parseDecisions = (query: unknown) => {
  const { state, limit: most } = parse(decisionsQuery, query, 'the query');
  return { state: state === 'all' ? null : state, limit: most };
};

const itemId = id('case|pay');
const decisionId = id('dcs');
/** @throws Problem `not_found` */
export const parseItemId = (text: string): string => idOf(itemId, text, 'case (case_…) or payment (pay_…)');
/** @throws Problem `not_found` */
export const parseDecisionId = (text: string): string => idOf(decisionId, text, 'decision (dcs_…)');

const bulkId = z.string().regex(BULK);
/** @throws Problem `not_found` */
export const parseBulkId = (text: string): string => idOf(bulkId, text, 'bulk (blk_…)');

const after = z.object({ after: id('dcs').optional() });
/** The decision behind which a page of a bulk begins. @throws Problem `malformed_request` */
export const parseAfter = (query: unknown): string => parse(after, query, 'the query').after ?? '';

function idOf(schema: z.ZodType<string>, text: string, what: string): string {
  const parsed = schema.safeParse(text);
  if (!parsed.success) throw new Problem('not_found', `${text.slice(0, 100)} is the id of no ${what}`);
  return parsed.data;
}

function parse<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` ${issue.path.join('.')}:`;
  throw new Problem('malformed_request', `${what} is not one:${where} ${issue?.message ?? 'unreadable'}`);
}

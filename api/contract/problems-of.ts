import { PROBLEMS, type ProblemCode } from '../problem.ts';
import type { OperationContract } from './contract.ts';

/** What every operation behind a key can answer. */
const EVERYWHERE = [
  'api_key_missing',
  'api_key_invalid',
  'access_token_invalid',
  'access_token_expired',
  'signature_missing',
  'signature_invalid',
  'signature_expired',
  'signature_replayed',
  'content_digest_wrong',
  'ip_not_allowed',
  'scope_missing',
  'rate_limited',
  'too_many_at_once',
  'overloaded',
  'malformed_request',
  'body_too_large',
  'version_unknown',
  'field_unknown',
  'request_timeout',
  'headers_too_large',
  'service_unavailable',
  'internal_error',
] as const satisfies readonly ProblemCode[];

const WITH_PARAMETERS = [
  'field_missing',
  'field_invalid',
  'currency_invalid',
] as const satisfies readonly ProblemCode[];

const WITH_BODY = [
  'malformed_json',
  'unsupported_media_type',
  'field_missing',
  'field_invalid',
  'card_number_in_field',
  'security_code_in_field',
] as const satisfies readonly ProblemCode[];

const WITH_KEY = [
  'idempotency_key_missing',
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'card_number_in_field',
] as const satisfies readonly ProblemCode[];

/** Every code that an operation can answer, in the order of the table of problems. */
export function problemsOf({ body, query, idempotent, problems }: OperationContract): ProblemCode[] {
  const possible = new Set<ProblemCode>([
    ...EVERYWHERE,
    ...(hasParameters(query) ? WITH_PARAMETERS : []),
    ...(body === null ? [] : WITH_BODY),
    ...(idempotent ? WITH_KEY : []),
    ...problems,
  ]);
  return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => possible.has(code));
}

function hasParameters(query: OperationContract['query']): boolean {
  return 'shape' in query && Object.keys(query.shape as object).length > 0;
}

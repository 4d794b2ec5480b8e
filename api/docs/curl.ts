import type { Route } from '../call.ts';
import { pathTemplate } from '../contract/path.ts';

/** Names in a path as variables of the shell: `{payment}` is `$PAYMENT`. */
const asVariable = (template: string): string =>
  template.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);

/** The call of an operation by curl, with `$API` and `$KEY`, and a variable for each id in its path. */
export function curlOf({ method, path, contract }: Route): string {
  const { body, idempotent, query } = contract;
  const required = query.safeParse({}).success ? '' : '?from=2026-01-01T00:00:00Z';
  return [
    `curl -sS ${method === 'GET' || (method === 'POST' && body !== null) ? '' : `-X ${method} `}"$API${asVariable(pathTemplate(path))}${required}"`,
    '-H "Authorization: Bearer $KEY"',
    ...(idempotent ? ['-H "Idempotency-Key: $(date +%s%N)"'] : []),
    ...(body === null ? [] : ['-H "Content-Type: application/json"', `-d '${JSON.stringify(body.example)}'`]),
  ].join(' \\\n  ');
}

import { Problem } from '../problem.ts';
import { isAllowed } from './allow-list.ts';
import type { KeyHolder } from './api-key.ts';
import type { Scope } from './scopes.ts';

/**
 * Whether a key may be used from there, for that.
 * @throws Problem `ip_not_allowed`, `scope_missing`
 */
export function permit({ key, allowList, scopes }: KeyHolder, address: string, scope: Scope): void {
  if (!isAllowed(address, allowList))
    throw new Problem(
      'ip_not_allowed',
      `${key} may not be used from ${address}: add the address to its ip_allow_list, or call from one that is in it`,
    );
  if (!scopes.has(scope))
    throw new Problem(
      'scope_missing',
      `${key} does not have the scope ${scope}, which this operation needs: use a key that has it`,
    );
}

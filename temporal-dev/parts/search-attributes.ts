import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/payment/search.contract.ts';

/** temporal.api.enums.v1.INDEXED_VALUE_TYPE_KEYWORD */
const KEYWORD = 2;

/** As the development server takes them on its command line: there before anything can be started. */
export const SEARCH_ATTRIBUTE_ARGS = Object.values(SEARCH_ATTRIBUTES).flatMap((name) => [
  '--search-attribute',
  `${name}=Keyword`,
]);

/**
 * Registers the search attributes that the namespace does not have yet. Run again it changes nothing.
 * @throws Error when one is registered as something else: remove it, or choose another namespace.
 */
export async function registerSearchAttributes(
  { operatorService }: Pick<Connection, 'operatorService'>,
  namespace: string,
): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, number> = {};
  for (const name of Object.values(SEARCH_ATTRIBUTES)) {
    const type = customAttributes[name];
    if (type === undefined) missing[name] = KEYWORD;
    else if (String(type) !== String(KEYWORD))
      throw new Error(`search attribute ${name} of namespace ${namespace} is not a keyword: remove it there`);
  }
  if (Object.keys(missing).length > 0)
    await operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
}

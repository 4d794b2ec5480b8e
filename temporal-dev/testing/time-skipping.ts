import { TestWorkflowEnvironment } from '@temporalio/testing';
import { SEARCH_ATTRIBUTES } from '../../workflows/payment/search.contract.ts';

/** Of temporal.api.enums.v1.IndexedValueType. */
const KEYWORD = 2;

/** A Temporal whose time is skipped, with the search attributes that our runs set. `testServer`: its program. */
export async function startTimeSkipping(testServer: string): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: testServer } },
  });
  // The test server can be told of them and cannot list them.
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(Object.values(SEARCH_ATTRIBUTES).map((name) => [name, KEYWORD])),
  });
  return environment;
}

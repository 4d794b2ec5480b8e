import { AsyncLocalStorage } from 'node:async_hooks';
import { traceId } from './tracing/spans.ts';

/** What every line says that is written while this is worked on: ids alone. */
export type LogFields = Readonly<Record<string, string>>;

const storage = new AsyncLocalStorage<LogFields>();

/** Does `work`; every line that it writes, however deep, has these fields beside its own. */
export function withLogFields<T>(fields: LogFields, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, work);
}

/** The fields of the work that is under way here, with the id of its trace. */
export function logFields(): LogFields {
  const trace = traceId();
  const fields = storage.getStore() ?? {};
  return trace === undefined ? fields : { ...fields, trace_id: trace };
}

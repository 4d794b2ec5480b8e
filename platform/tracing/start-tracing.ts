import { context, propagation, trace } from '@opentelemetry/api';

export interface TracingOptions {
  /** Where spans are sent (OTLP over HTTP, JSON): the whole address, as http://collector:4318/v1/traces; null = nowhere. */
  readonly endpoint: string | null;
  /** The process's role. */
  readonly service: string;
}

/** Spans that wait to be sent, and how often they are (ms): what does not fit is dropped, work never waits. */
const QUEUE = {
  maxQueueSize: 4_096,
  maxExportBatchSize: 512,
  scheduledDelayMillis: 1_000,
  exportTimeoutMillis: 5_000,
};

/**
 * Begins to send the spans of this process. Without an endpoint nothing is loaded and every span is the
 * API's own stand-in.
 * @returns sends what is left, and stops. Never rejects: a collector that is away is nobody's trouble.
 */
export async function startTracing({ endpoint, service }: TracingOptions): Promise<() => Promise<void>> {
  if (endpoint === null) return async () => {};
  const [
    { BatchSpanProcessor, TracerProvider },
    { OTLPTraceExporter },
    { AsyncLocalStorageContextManager },
    core,
    resources,
  ] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: endpoint, timeoutMillis: QUEUE.exportTimeoutMillis });
  const provider = new TracerProvider({
    resource: resources.resourceFromAttributes({ 'service.namespace': 'quittance', 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...QUEUE })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return async () => {
    await provider.shutdown().catch(() => undefined);
  };
}

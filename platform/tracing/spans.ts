import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
} from '@opentelemetry/api';
import { scrubAttributes } from '../scrub.ts';

/** Names of spans are fixed: whatever tells one from another is an attribute, and scrubbed. */
export interface SpanOptions {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const satisfies Record<SpanOptions['kind'], SpanKind>;
const TRACER = 'quittance';

/** What carries a trace from one process to the next: the header of W3C, `traceparent`. */
export type TraceCarrier = Readonly<Record<string, string>>;

/** Begins a span under the one that is under way here. Where tracing is off it is a stand-in that does nothing. */
export function beginSpan({ name, kind, attributes = {} }: SpanOptions): Span {
  const span = trace.getTracer(TRACER).startSpan(name, { kind: KINDS[kind] });
  describeSpan(span, attributes);
  return span;
}

/** Does `work` under the span, without ending it. */
export function underSpan<T>(span: Span, work: () => T): T {
  return context.with(trace.setSpan(context.active(), span), work);
}

/** Does `work` in a span of its own. What it throws is told by its kind alone: messages stay in the log. */
export async function inSpan<T>(options: SpanOptions, work: () => Promise<T>): Promise<T> {
  const span = beginSpan(options);
  try {
    return await underSpan(span, work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    describeSpan(span, { 'error.type': error instanceof Error ? error.name : typeof error });
    throw error;
  } finally {
    span.end();
  }
}

/** Adds to a span what was not known when it began. */
export function describeSpan(span: Span, attributes: Readonly<Record<string, unknown>>): void {
  if (!span.isRecording()) return;
  for (const [name, value] of Object.entries(scrubAttributes(attributes)))
    span.setAttribute(name, Array.isArray(value) ? value.join(',') : value);
}

/** What the next process needs to go on with this trace; empty where there is none. */
export function traceCarrier(): TraceCarrier {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** Does `work` as a part of the trace that came with the carrier. */
export function goingOn<T>(carrier: TraceCarrier, work: () => T): T {
  return context.with(propagation.extract(ROOT_CONTEXT, carrier), work);
}

/** Does `work` as a part of no trace: what several traces share is none of theirs. */
export function outsideTraces<T>(work: () => T): T {
  return context.with(ROOT_CONTEXT, work);
}

/** The id of the trace that is under way here; undefined where there is none. */
export function traceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

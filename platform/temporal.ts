import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { traceInterceptor } from './tracing/temporal-headers.ts';

export interface TemporalClientOptions {
  /** host:port of the frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Shown in histories as who asked. */
  readonly identity: string;
  /** Seals what is sent and opens what comes back (platform/payload-codec). */
  readonly dataConverter: DataConverter;
  /**
   * Whether the SDK itself sends a failed request again (up to ten times with growing pauses). Off
   * where the caller has its own loop and its own idea of how long to go on.
   */
  readonly retries: boolean;
  /** Whether the trace that is under way is sent along (platform/tracing). */
  readonly tracing?: boolean;
}

export interface TemporalClient {
  readonly client: Client;
  /** Cancels what is on its way and closes the channel. */
  close(): Promise<void>;
}

/** A channel that is silent this long is pinged, and given up when the ping is not answered (ms). */
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_LIMIT_MS = 5_000;
/** Between two tries to connect (ms). gRPC's own maximum of two minutes outlasts every restart by far. */
const RECONNECT_MIN_MS = 100;
const RECONNECT_MAX_MS = 1_000;
const CONNECT_LIMIT_MS = 5_000;

/**
 * A client that connects with its first request, so that a process starts while Temporal is away.
 * Every request needs a deadline of its own (`client.withDeadline`). This connection never compresses:
 * only the native one does by default.
 */
export function createTemporalClient({
  address,
  namespace,
  identity,
  dataConverter,
  retries,
  tracing = false,
}: TemporalClientOptions): TemporalClient {
  const connection = Connection.lazy({
    address,
    connectTimeout: CONNECT_LIMIT_MS,
    channelArgs: {
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_LIMIT_MS,
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MIN_MS,
      'grpc.min_reconnect_backoff_ms': RECONNECT_MIN_MS,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
    },
    ...(retries ? {} : { interceptors: [] }),
  });
  return {
    client: new Client({
      connection,
      namespace,
      identity,
      dataConverter,
      ...(tracing ? { interceptors: { workflow: [traceInterceptor] } } : {}),
    }),
    close: () => connection.close(),
  };
}

/**
 * The connection that workers poll through, connected before it is answered. Gzip is off: on one
 * machine, or in one data centre, it costs more processor time than it saves in bytes.
 * @throws when Temporal does not answer: a worker has nothing to do without it.
 */
export async function createNativeConnection(address: string): Promise<NativeConnection> {
  // Loaded here alone: a process without a worker does not carry the native core.
  const worker = await import('@temporalio/worker');
  return worker.NativeConnection.connect({ address, grpcCompression: { codec: 'none' } });
}

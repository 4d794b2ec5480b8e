export interface TemporalConfig {
  /** Superuser of the PostgreSQL; databases temporal and temporal_visibility. */
  readonly postgres: URL;
  readonly rpc: ReadonlyMap<string, { readonly grpc: number; readonly membership: number }>;
  /** Path of the dynamic configuration. */
  readonly dynamicConfig: string;
  readonly shards: number;
}

/** Connections of each of the server's services to each of its databases. */
const CONNECTIONS = 20;

/** The server's static configuration, all four services in one process; JSON is YAML. */
export function configText({ postgres, rpc, dynamicConfig, shards }: TemporalConfig): string {
  const store = (database: string): object => ({
    sql: {
      pluginName: 'postgres12',
      databaseName: database,
      connectAddr: `${postgres.hostname}:${postgres.port}`,
      connectProtocol: 'tcp',
      user: postgres.username,
      password: postgres.password,
      maxConns: CONNECTIONS,
      maxIdleConns: CONNECTIONS,
      maxConnLifetime: '1h',
    },
  });
  return `${JSON.stringify(
    {
      log: { stdout: false, level: 'warn' },
      persistence: {
        defaultStore: 'default',
        visibilityStore: 'visibility',
        numHistoryShards: shards,
        datastores: { default: store('temporal'), visibility: store('temporal_visibility') },
      },
      global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
      services: Object.fromEntries(
        [...rpc].map(([name, { grpc, membership }]) => [
          name,
          { rpc: { grpcPort: grpc, membershipPort: membership, bindOnLocalHost: true } },
        ]),
      ),
      clusterMetadata: {
        enableGlobalNamespace: false,
        failoverVersionIncrement: 10,
        masterClusterName: 'active',
        currentClusterName: 'active',
        clusterInformation: {
          active: {
            enabled: true,
            initialFailoverVersion: 1,
            rpcName: 'frontend',
            rpcAddress: `127.0.0.1:${rpc.get('frontend')?.grpc ?? 0}`,
          },
        },
      },
      dcRedirectionPolicy: { policy: 'noop' },
      publicClient: { hostPort: `127.0.0.1:${rpc.get('frontend')?.grpc ?? 0}` },
      dynamicConfigClient: { filepath: dynamicConfig, pollInterval: '60s' },
    },
    null,
    2,
  )}\n`;
}

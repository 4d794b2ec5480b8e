import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the dashboards of the checkout are found when Grafana runs from `folder`. */
export interface GrafanaOptions {
  readonly folder: string;
  readonly dashboards: string;
  /** Base URL of the Prometheus that they ask. */
  readonly prometheus: string;
}

/** Writes what Grafana reads at its start: the source of the figures, and where the dashboards are. JSON is YAML. */
export async function writeProvisioning({ folder, dashboards, prometheus }: GrafanaOptions): Promise<void> {
  const write = async (kind: string, content: unknown): Promise<void> => {
    await mkdir(join(folder, 'provisioning', kind), { recursive: true });
    await writeFile(join(folder, 'provisioning', kind, 'quittance.yml'), JSON.stringify(content, null, 2));
  };
  await write('datasources', {
    apiVersion: 1,
    datasources: [
      { name: 'Prometheus', type: 'prometheus', access: 'proxy', url: prometheus, isDefault: true },
    ],
  });
  await write('dashboards', {
    apiVersion: 1,
    providers: [{ name: 'quittance', type: 'file', options: { path: dashboards } }],
  });
}

/** The environment that lets Grafana listen on this machine alone, readable without a login. */
export function grafanaEnvironment(folder: string, port: number): Record<string, string> {
  return {
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_SERVER_HTTP_PORT: String(port),
    GF_PATHS_DATA: join(folder, 'data'),
    GF_PATHS_LOGS: join(folder, 'logs'),
    GF_PATHS_PROVISIONING: join(folder, 'provisioning'),
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  };
}

/** What Prometheus is told: whom to ask how often, and which rules to keep. */
export interface PrometheusConfig {
  readonly global: { readonly scrape_interval: string; readonly evaluation_interval: string };
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly {
    readonly job_name: string;
    /** Our own lines name their service already, in the same words. */
    readonly honor_labels: boolean;
    readonly static_configs: readonly {
      readonly targets: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
    }[];
  }[];
}

/**
 * The configuration for the processes of a stack.
 * @param metrics URL of each process's page, by role (run.json).
 * @param rules path of the file of alerts.
 */
export function prometheusConfig(metrics: Readonly<Record<string, string>>, rules: string): PrometheusConfig {
  return {
    global: { scrape_interval: '5s', evaluation_interval: '5s' },
    rule_files: [rules],
    scrape_configs: [
      {
        job_name: 'quittance',
        honor_labels: true,
        static_configs: Object.entries(metrics).map(([service, url]) => ({
          targets: [new URL(url).host],
          // The lines of Temporal's core name none.
          labels: { service },
        })),
      },
    ],
  };
}

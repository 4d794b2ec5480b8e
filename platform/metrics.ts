import { collectDefaultMetrics, Registry } from 'prom-client';

/** What Prometheus reads from one process: https://prometheus.io/docs/instrumenting/exposition_formats/. */
export interface Metrics {
  /** Where each part registers its own. Labels have few values, all known beforehand: never an id. */
  readonly registry: Registry;
  /** Adds what something else of this process says in the same format. */
  readonly also: (source: () => Promise<string>) => void;
  /** Everything, as text. A source that fails is left out: half a page is better than none. */
  readonly text: () => Promise<string>;
}

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * The metrics of this process, with those of Node itself (CPU, memory, event loop).
 * @param service the process's role; a label of every line of ours.
 */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const sources: (() => Promise<string>)[] = [() => registry.metrics()];
  return {
    registry,
    also: (source) => {
      sources.push(source);
    },
    async text() {
      const texts = await Promise.allSettled(sources.map((source) => source()));
      return texts.map((text) => (text.status === 'fulfilled' ? `${text.value.trimEnd()}\n` : '')).join('');
    },
  };
}

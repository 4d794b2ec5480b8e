import { Counter, type Registry } from 'prom-client';
import type { HistoryExportOptions } from './export-histories.ts';

/** Counts what became of the histories of finished runs. */
export function registerExported(registry: Registry): HistoryExportOptions['count'] {
  const histories = new Counter({
    name: 'histories_exported_total',
    help: 'Histories of finished runs by what became of them: exported, or gone before their turn came.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['exported', 'gone'] as const) histories.inc({ outcome }, 0);
  return (outcome, runs) => histories.inc({ outcome }, runs);
}

import { Gauge, type Registry } from 'prom-client';
import type { TlsSource } from './tls.ts';

/** Shows for how long the certificate of this process is still good. */
export function registerCertificate(registry: Registry, tls: Pick<TlsSource, 'current'>): void {
  new Gauge({
    name: 'tls_certificate_left_seconds',
    help: 'Until the certificate that this process shows the others of ours ends.',
    registers: [registry],
    collect() {
      this.set((tls.current().validTo.getTime() - Date.now()) / 1_000);
    },
  });
}

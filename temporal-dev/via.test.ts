import { describe, expect, it } from 'vitest';
import { composeFacts } from './compose/facts.ts';
import { processEnvironment } from './process-environment.ts';
import { urlVia } from './via.ts';

describe('what stands between two parts', () => {
  it('takes the place of a part for the one that calls it, and for nobody else', () => {
    const facts = {
      ...composeFacts(),
      via: { 'payments>postgres': 1_111, 'payments>temporal': 2_222, 'acquirers>acquirer-1': 3_333 },
    };
    const payments = processEnvironment('payments', facts, {});
    expect(new URL(payments['QUITTANCE_DATABASE_URL'] ?? '').port).toBe('1111');
    expect(payments['QUITTANCE_TEMPORAL_ADDRESS']).toMatch(/:2222$/);
    const api = processEnvironment('api', facts, {});
    expect(new URL(api['QUITTANCE_DATABASE_URL'] ?? '').port).toBe('5432');
    const acquirers = processEnvironment('acquirers', facts, {});
    expect(acquirers['QUITTANCE_ACQUIRER_LINKS']).toContain('"port":3333');
  });

  it('leaves an address as it is written otherwise', () => {
    expect(urlVia({}, 'api', 'vault', 'http://127.0.0.1:7401')).toBe('http://127.0.0.1:7401');
    expect(urlVia({ 'api>vault': 9 }, 'api', 'vault', 'http://127.0.0.1:7401')).toBe('http://127.0.0.1:9');
    expect(urlVia({ 'a>b': 9 }, 'a', 'b', 'postgres://u:p%40@127.0.0.1:1/name')).toBe('postgres://u:p%40@127.0.0.1:9/name'); // prettier-ignore
  });
});

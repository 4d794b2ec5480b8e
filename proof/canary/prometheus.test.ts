import { expect, it } from 'vitest';
import { canaryPrometheusOf } from './prometheus.ts';

it('what was found stands by its place, and the places without anything are there too', () => {
  const text = canaryPrometheusOf(
    {
      searched: [
        { place: 'logs', bytes: 10, found: new Map([['a card number', new Set(['api.log'])]]) },
        { place: 'folder of "the" stack', bytes: 10, found: new Map() },
      ],
      missed: ['redis: a card number'],
    },
    new Date(1_700_000_000_500),
  );
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'proof_canaries_found{place="logs"} 1',
    'proof_canaries_found{place="folder of the stack"} 0',
    'proof_canaries_missed 1',
    'proof_canary_ended_timestamp_seconds 1700000000',
    '',
  ]);
});

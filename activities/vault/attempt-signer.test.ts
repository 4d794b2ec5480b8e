import { expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import type { Grant } from '../../vault/grants/form.ts';
import { attemptId, authorizationIdOf } from '../../workflows/domain/ids.ts';
import { createAttemptSigner } from './attempt-signer.ts';

it('a grant names the acquirer whose account it is for, which the table is asked for once; an account of nobody gets none', async () => {
  const merchant = newId('mer');
  const payment = newId('pay');
  const account = newId('aca');
  const asked: unknown[] = [];
  const database = {
    query: ({ values }: { values: readonly unknown[] }) => {
      asked.push(values);
      return Promise.resolve({ rows: values[1] === account ? [{ acquirer_id: 'acquirer-7' }] : [] });
    },
  };
  const signer = createAttemptSigner(
    {
      ready: () => Promise.resolve(),
      sign: (about: Omit<Grant, 'issued' | 'expires'>) =>
        Promise.resolve(`${about.attempt} ${about.acquirer}`),
    },
    database as never,
  );
  const attempt = attemptId(authorizationIdOf(payment), 1);
  const about = { merchant, payment, attempt, account, purpose: 'capture' } as const;
  expect(await signer.sign(about)).toBe(`${attempt} acquirer-7`);
  expect(await signer.sign(about)).toBe(`${attempt} acquirer-7`);
  expect(asked).toEqual([[merchant, account]]);
  await expect(signer.sign({ ...about, account: newId('aca') })).rejects.toThrow(/no grant can say whose/);
});

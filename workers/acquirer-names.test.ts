import { expect, it } from 'vitest';
import { acquirerNames, createAuthority, issue } from '../temporal-dev/certificates.ts';
import { unnamedAcquirers } from './acquirer-names.ts';

it('an acquirer worker knows which of its acquirers its certificate does not name', async () => {
  const authority = await createAuthority('of the vault');
  const of = async (names: readonly string[]) =>
    unnamedAcquirers((await issue(authority, 'acquirers', { dns: names })).certificate, [
      'acquirer-1',
      'acquirer-2',
    ]);
  expect(await of(acquirerNames(['acquirer-1', 'acquirer-2']))).toEqual([]);
  expect(await of(acquirerNames(['*']))).toEqual([]);
  expect(await of(acquirerNames(['acquirer-2', 'acquirer-10']))).toEqual(['acquirer-1']);
  expect(await of(['acquirer-1', 'acquirer-1.acquirers.example'])).toEqual(['acquirer-1', 'acquirer-2']);
  expect(await of([])).toEqual(['acquirer-1', 'acquirer-2']);
});

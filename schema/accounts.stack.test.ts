import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: an account at an acquirer has what its wire sends, and an acquirer speaks a wire we know. */
let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  await insert(database.owner, 'acquirers', {
    id: 'by-api',
    wire: 'stripe',
    task_queue: 'acquirer:by-api',
    fences_by_reversal: true,
  });
});
afterAll(() => database.close());

const account = (over: Readonly<Record<string, unknown>>) =>
  insert(database.owner, 'merchant_acquirer_accounts', {
    merchant_id: database.shop.merchant,
    id: newId('aca'),
    acquirer_id: 'acquirer-1',
    mode: 'test',
    institution: '400123',
    merchant_account: 'MID2',
    terminals: ['TERM0001'],
    mcc: '5732',
    acceptor_name: 'A SHOP',
    single_message: false,
    currencies: ['EUR'],
    brands: ['visa'],
    ...over,
  });

describe('an account at an acquirer', () => {
  it('of ISO 8583 has institution, terminals and acceptor name, and a short merchant account', async () => {
    await account({});
    for (const missing of ['institution', 'terminals', 'acceptor_name'])
      expect((await refusalOf(account({ [missing]: null }))).message).toContain('ISO 8583 needs');
    expect((await refusalOf(account({ merchant_account: 'M'.repeat(16) }))).message).toContain(
      'at most 15 characters',
    );
  });

  it('of an HTTP API needs none of them', async () => {
    const bare = { institution: null, terminals: null, acceptor_name: null };
    await account({ ...bare, acquirer_id: 'by-api', merchant_account: 'acct_1Q2w3E4r5T6y7U8i' });
    expect(
      await refusalOf(account({ ...bare, acquirer_id: 'by-api', merchant_account: 'a'.repeat(65) })),
    ).toMatchObject({ code: 'check_violation' });
  });

  it('speaks a wire that is known', async () => {
    const acquirer = { id: 'other', wire: 'smoke', task_queue: 'q', fences_by_reversal: true };
    expect(await refusalOf(insert(database.owner, 'acquirers', acquirer))).toMatchObject({
      code: 'check_violation',
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPassword } from '../platform/password.ts';
import { openMainDatabase, type MainDatabase } from '../schema/testing/main-database.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { runTool, type Ended } from './testing/run-tool.ts';

/** The promise: who may log in is decided by one command, which says what it did and writes it down. */

let database: MainDatabase;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

const run = (line: string, input = ''): Promise<Ended> =>
  runTool('ops-operator', [...line.split(' '), '--url', database.urls.owner], input);

async function hashOf(login: string): Promise<string> {
  const { rows } = await database.owner.query<{ password_hash: string }>(
    'select password_hash from gateway_operators where login = $1',
    [login],
  );
  return rows[0]?.password_hash ?? '';
}

describe('ops:operator', () => {
  it('adds somebody with a password that is shown once, and nobody twice', async () => {
    const added = await run('add anna --role operator --by root.admin');
    expect(added).toMatchObject({ code: 0, errors: '' });
    const password = /shown this once: (\S+)/.exec(added.out)?.[1] ?? '';
    expect(await isPassword(password, await hashOf('anna'))).toBe(true);
    expect(await run('add anna --role admin --by root.admin')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('anna is there already') as string,
    });
    expect((await run('list')).out).toMatch(/^anna operator, since /);
  });

  it('takes a password from standard input, and ends the sessions of the old one', async () => {
    await run('add ben --role viewer --by root.admin');
    await database.gateway.query(
      "insert into gateway_sessions (id, login, address, created_at, expires_at) values (sha256('x'), 'ben', 'a', now(), now() + interval '1 hour')",
    );
    expect(await run('password ben --by ben --password-stdin', 'too short\n')).toMatchObject({ code: 1 });
    expect(await run('password ben --by ben --password-stdin', 'long enough for this\n')).toMatchObject({
      code: 0,
    });
    expect(await isPassword('long enough for this', await hashOf('ben'))).toBe(true);
    const { rows } = await database.owner.query('select from gateway_sessions where ended_at is null');
    expect(rows).toEqual([]);
  });

  it('changes a role, disables and enables, each with a line of who did it', async () => {
    await run('add carla --role viewer --by root.admin');
    for (const line of ['role carla --role admin', 'disable carla', 'enable carla'])
      expect(await run(`${line} --by anna`), line).toMatchObject({ code: 0 });
    const { rows } = await database.owner.query<{ line: string }>(
      "select login || ': ' || action as line from gateway_audit where kind = 'operator_changed' and action like '%carla%' order by id",
    );
    expect(rows.map(({ line }) => line)).toEqual([
      'root.admin: add carla as viewer',
      'anna: role carla as admin',
      'anna: disable carla',
      'anna: enable carla',
    ]);
    expect(await run('disable nobody --by anna')).toMatchObject({ code: 1 });
  });

  it.each([
    'add Anna --role viewer --by x1',
    'add dora --by x1',
    'add dora --role boss --by x1',
    'role dora',
    'forget dora',
  ])('says what is wrong with "%s"', async (line) => {
    expect(await run(line)).toMatchObject({ code: 2, out: '' });
  });
});

import pg from 'pg';
import { hashPassword } from '../platform/password.ts';
import type { RunFile } from './run-file.ts';

/**
 * The development operators, one of each role. One who is there already stays as they are: somebody may
 * have given them another password.
 * @param ownerUrl of quittance_owner.
 */
export async function seedOperators(
  ownerUrl: string,
  operators: RunFile['gateway']['operators'],
): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ login: string }>('select login from gateway_operators');
    const present = new Set(rows.map(({ login }) => login));
    const missing = operators.filter(({ login }) => !present.has(login));
    await Promise.all(
      missing.map(async ({ login, role, password }) =>
        client.query(
          'insert into gateway_operators (login, role, password_hash) values ($1, $2, $3) on conflict do nothing',
          [login, role, await hashPassword(password)],
        ),
      ),
    );
  } finally {
    await client.end();
  }
}

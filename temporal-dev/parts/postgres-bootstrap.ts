import pg from 'pg';
import type { StackSecrets } from '../secrets.ts';

export const MAIN_DATABASE = 'quittance';
export const VAULT_DATABASE = 'quittance_vault';

/** The two kinds of database: who owns one (and migrates it), and who works in it. */
const DATABASE_ROLES = {
  main: {
    owner: 'quittance_owner',
    users: ['quittance_api', 'quittance_worker', 'quittance_operator', 'quittance_gateway'],
  },
  vault: { owner: 'vault_owner', users: ['vault_app'] },
} as const;

export type DatabaseKind = keyof typeof DATABASE_ROLES;
export type RoleName = (typeof DATABASE_ROLES)[DatabaseKind]['owner' | 'users'] extends infer R
  ? R extends readonly (infer U)[]
    ? U
    : R
  : never;

/** The password of each role of the stack. */
export function rolePasswords(secrets: StackSecrets): Readonly<Record<RoleName, string>> {
  return {
    quittance_owner: secrets.quittanceOwner,
    quittance_api: secrets.quittanceApi,
    quittance_worker: secrets.quittanceWorker,
    quittance_operator: secrets.quittanceOperator,
    quittance_gateway: secrets.quittanceGateway,
    vault_owner: secrets.vaultOwner,
    vault_app: secrets.vaultApp,
  };
}

/** `superuserUrl` for another database and, if given, another role. */
export function urlFor(
  superuserUrl: string,
  database: string,
  role?: { name: string; password: string },
): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  if (role !== undefined) {
    url.username = role.name;
    url.password = role.password;
  }
  return url.href;
}

/** Runs `work` on one connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes roles and both databases where they are not there yet. May be run again. */
export async function bootstrapPostgres(
  superuserUrl: string,
  passwords: Readonly<Record<RoleName, string>>,
): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    const known = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles');
    const roles = new Set(known.rows.map((row) => row.rolname));
    for (const [name, password] of Object.entries(passwords)) {
      const verb = roles.has(name) ? 'ALTER' : 'CREATE';
      await client.query(
        `${verb} ROLE ${client.escapeIdentifier(name)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
      );
    }
    const databases = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const present = new Set(databases.rows.map((row) => row.datname));
    if (!present.has(MAIN_DATABASE)) await createOwnedDatabase(client, MAIN_DATABASE, 'main');
    if (!present.has(VAULT_DATABASE)) await createOwnedDatabase(client, VAULT_DATABASE, 'vault');
  });
}

/** Makes an empty database of that kind: only its owner and its users may connect to it. */
export async function createOwnedDatabase(
  client: pg.Client,
  name: string,
  kind: DatabaseKind,
): Promise<void> {
  const { owner, users } = DATABASE_ROLES[kind];
  const database = client.escapeIdentifier(name);
  await client.query(`CREATE DATABASE ${database} OWNER ${owner}`);
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${users.join(', ')}`);
}

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { loadConfig } from '../../platform/config.ts';
import { hashPassword } from '../../platform/password.ts';
import { PROCESS_SETTINGS } from '../../platform/process-settings.ts';
import { freePort } from '../../temporal-dev/ports.ts';
import { processEnvironment } from '../../temporal-dev/process-environment.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { keepSecrets } from '../../temporal-dev/secrets.ts';
import { PORT_NAMES, type Ports } from '../../temporal-dev/settings.ts';
import { startGateway } from '../gateway.ts';
import type { Role } from '../roles.ts';
import { createVisitor, type Visitor } from './visitor.ts';

const silent = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

export interface AuditRow {
  readonly id: string;
  readonly kind: string;
  readonly login: string | null;
  readonly role: string | null;
  readonly action: string | null;
  readonly namespace: string | null;
  readonly workflow_ids: string[];
  readonly payloads: number | null;
  readonly answers: string | null;
  readonly status: number | null;
}

/** A gateway of the test's own before the Temporal Web of a running stack. */
export interface OwnGateway {
  readonly url: string;
  readonly owner: pg.Pool;
  /** A new operator with a password of their own. */
  addOperator(role: Role): Promise<{ readonly login: string; readonly password: string }>;
  /** A browser without a page, at an address of its own; logged in as a new operator of that role when one is named. */
  visitor(role?: Role): Promise<Visitor & { readonly login: string }>;
  /** Lets that much time pass for it (ms). */
  later(ms: number): void;
  /** Everything that was written down about somebody, the oldest first. */
  audit(login: string): Promise<AuditRow[]>;
  close(): Promise<void>;
}

export interface OwnGatewayOptions {
  /** Another main database than that of the stack. */
  readonly database?: { readonly ownerUrl: string; readonly gatewayUrl: string };
}

export async function openGateway(run: RunFile, { database }: OwnGatewayOptions = {}): Promise<OwnGateway> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const ports = Object.fromEntries(PORT_NAMES.map((name) => [name, port])) as Ports;
  const environment = processEnvironment(
    'gateway',
    {
      addresses: { ...run, gateway: { ...run.gateway, url } },
      ports,
      secrets: await keepSecrets(run.dir),
      isKmsOurs: true,
      via: {},
    },
    // The test says by X-Forwarded-For where a visitor comes from.
    { QUITTANCE_GATEWAY_TRUSTED_PROXIES: '1' },
  );
  const config = loadConfig(PROCESS_SETTINGS.gateway, {
    ...environment,
    // All ports are the same one here.
    QUITTANCE_METRICS_PORT: '',
    ...(database === undefined ? {} : { QUITTANCE_DATABASE_URL: database.gatewayUrl }),
  });
  let passed = 0;
  const gateway = await startGateway(config, silent, () => Date.now() + passed);
  const owner = new pg.Pool({ connectionString: database?.ownerUrl ?? run.postgres.urls.owner, max: 2 });

  const addOperator = async (role: Role) => {
    const login = `test-${randomBytes(6).toString('hex')}`;
    const password = `development-${randomBytes(6).toString('hex')}`;
    await owner.query('insert into gateway_operators (login, role, password_hash) values ($1, $2, $3)', [
      login,
      role,
      await hashPassword(password),
    ]);
    return { login, password };
  };
  return {
    url,
    owner,
    addOperator,
    async visitor(role) {
      const visitor = createVisitor(url);
      if (role === undefined) return { ...visitor, login: '' };
      const { login, password } = await addOperator(role);
      const answer = await visitor.logIn(login, password);
      if (answer.status !== 303) throw new Error(`${login} was not let in: ${answer.status} ${answer.text}`);
      return { ...visitor, login };
    },
    later(ms) {
      passed += ms;
    },
    audit: async (login) => {
      const { rows } = await owner.query<AuditRow>(
        `select id::text, kind, login, role, action, namespace, workflow_ids, payloads, answers::text, status
         from gateway_audit where login = $1 order by gateway_audit.id`,
        [login],
      );
      return rows;
    },
    async close() {
      await gateway.stop();
      await owner.end();
    },
  };
}

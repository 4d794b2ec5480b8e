import type pg from 'pg';
import { isPassword } from '../platform/password.ts';
import type { Audit, Failures } from './audit.ts';
import { LOGIN_FORM } from '../platform/login-form.ts';
import type { Sessions } from './sessions.ts';

/** What became of a try to log in; a new cookie, or nothing that says who has a login here. */
export type LoginResult =
  | { readonly kind: 'in'; readonly cookie: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too_many' }
  | { readonly kind: 'busy' };

export interface LoginTry {
  readonly login: string;
  readonly password: string;
  readonly address: string;
}

export type LogIn = (tried: LoginTry) => Promise<LoginResult>;

/**
 * Failed tries in that window. Of one person from one place: typing. From one place: somebody tries
 * logins. Of one person from everywhere: somebody with many places tries one; that stops the person, too.
 */
export const LOGIN_LIMITS = { windowS: 900, pair: 5, address: 20, login: 50 } as const;
/** Each check takes a processor for some tenths of a second, and 32 MiB. */
const CHECKS_AT_ONCE = 8;

export interface LogInOptions {
  readonly pool: Pick<pg.Pool, 'query'>;
  readonly audit: Audit;
  readonly sessions: Pick<Sessions, 'open'>;
}

export function createLogIn({ pool, audit, sessions }: LogInOptions): LogIn {
  let checking = 0;

  async function knownHash(login: string | null): Promise<string | null> {
    if (login === null) return null;
    const { rows } = await pool.query<{ password_hash: string }>({
      name: 'gateway_operator_hash',
      text: 'select password_hash from gateway_operators where login = $1 and disabled_at is null',
      values: [login],
    });
    return rows[0]?.password_hash ?? null;
  }

  return async ({ login: typed, password, address }) => {
    const login = LOGIN_FORM.test(typed) ? typed : null;
    const failures = () => audit.failures(login, address, LOGIN_LIMITS.windowS);
    // Whoever is over the limit already writes no more lines.
    if (isOver(await failures(), 1)) return { kind: 'too_many' };
    // Written before it is counted again: of tries that come at the same moment no more than the limit pass.
    await audit.write({ kind: 'login_tried', login, role: null, address });
    if (isOver(await failures(), 0)) return { kind: 'too_many' };
    if (checking >= CHECKS_AT_ONCE) return { kind: 'busy' };
    checking += 1;
    try {
      if (!(await isPassword(password, await knownHash(login))) || login === null) return { kind: 'wrong' };
    } finally {
      checking -= 1;
    }
    const cookie = await sessions.open(login, address);
    await audit.write({ kind: 'login', login, role: null, address });
    return { kind: 'in', cookie };
  };
}

/** @param more tries that are not counted yet. */
function isOver({ pair, address, login }: Failures, more: number): boolean {
  return (
    pair + more > LOGIN_LIMITS.pair ||
    address + more > LOGIN_LIMITS.address ||
    login + more > LOGIN_LIMITS.login
  );
}

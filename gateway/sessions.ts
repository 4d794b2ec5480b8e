import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { ROLES, type Role } from './roles.ts';

/** Who is logged in, by a cookie. */
export interface Session {
  readonly login: string;
  readonly role: Role;
}

export interface Sessions {
  /** The value of a new cookie. */
  open(login: string, address: string): Promise<string>;
  /** Null for a cookie that is forged, expired, ended, or of somebody who may no longer enter. */
  find(cookie: string): Promise<Session | null>;
  /** Whoever has that cookie is logged out. */
  end(cookie: string): Promise<void>;
}

export interface SessionsOptions {
  readonly pool: Pick<pg.Pool, 'query'>;
  /** Key of the HMAC over a cookie. */
  readonly secret: string;
  readonly lifeMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

const SECRET_BYTES = 32;
const COOKIE_FORM = /^([\w-]{43})\.(\d{1,15})\.([\w-]{43})$/;

/**
 * Sessions of operators. A cookie is `<random>.<expiry, ms>.<HMAC of both>`, so a forged one never
 * reaches the database; the database has its hash, so that it can be ended before its time, and the role
 * is always the one of now.
 */
export function createSessions({ pool, secret, lifeMs, now }: SessionsOptions): Sessions {
  const sign = (text: string): Buffer => createHmac('sha256', secret).update(text).digest();

  /** The random part, when the cookie is ours and its time is not over. */
  function verified(cookie: string): string | null {
    const [, id = '', expiry = '', signature = ''] = COOKIE_FORM.exec(cookie) ?? [];
    const given = Buffer.from(signature, 'base64url');
    const own = sign(`${id}.${expiry}`);
    if (given.length !== own.length || !timingSafeEqual(given, own)) return null;
    return Number(expiry) > now() ? id : null;
  }

  return {
    async open(login, address) {
      const id = randomBytes(SECRET_BYTES).toString('base64url');
      const begun = now();
      await pool.query({
        name: 'gateway_session_open',
        text: 'insert into gateway_sessions (id, login, address, created_at, expires_at) values ($1, $2, $3, $4, $5)',
        values: [hashOf(id), login, address, new Date(begun), new Date(begun + lifeMs)],
      });
      const unsigned = `${id}.${begun + lifeMs}`;
      return `${unsigned}.${sign(unsigned).toString('base64url')}`;
    },
    async find(cookie) {
      const id = verified(cookie);
      if (id === null) return null;
      const { rows } = await pool.query<{ login: string; role: string }>({
        name: 'gateway_session_find',
        text: `select o.login, o.role from gateway_sessions s join gateway_operators o using (login)
               where s.id = $1 and s.ended_at is null and s.expires_at > $2 and o.disabled_at is null`,
        values: [hashOf(id), new Date(now())],
      });
      const [row] = rows;
      const role = ROLES.find((known) => known === row?.role);
      return row === undefined || role === undefined ? null : { login: row.login, role };
    },
    async end(cookie) {
      const id = verified(cookie);
      if (id === null) return;
      await pool.query({
        name: 'gateway_session_end',
        text: 'update gateway_sessions set ended_at = now() where id = $1 and ended_at is null',
        values: [hashOf(id)],
      });
    },
  };
}

function hashOf(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

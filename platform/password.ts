import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** scrypt (RFC 7914), at the strength that OWASP's password storage cheat sheet names for it. */
const COST_LOG2 = 15;
const BLOCK_SIZE = 8;
const PARALLEL = 3;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Above what those need (32 MiB): Node refuses what takes more. */
const MEMORY_BYTES_MAX = 64 * 1_024 * 1_024;

interface Stored {
  readonly costLog2: number;
  readonly blockSize: number;
  readonly parallel: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** What is kept of a password: `scrypt$15$8$3$<salt>$<hash>`, salt and hash in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const stored = {
    costLog2: COST_LOG2,
    blockSize: BLOCK_SIZE,
    parallel: PARALLEL,
    salt: randomBytes(SALT_BYTES),
  };
  const hash = await derive(password, stored);
  return [
    'scrypt',
    stored.costLog2,
    stored.blockSize,
    stored.parallel,
    stored.salt.toString('base64url'),
    hash.toString('base64url'),
  ].join('$');
}

/**
 * Whether that is the password. It takes as long for nobody (null) as for somebody, so that the time
 * does not say who has a login here.
 * @throws Error when `stored` is not what {@link hashPassword} made.
 */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const known = stored === null ? NOBODY : parse(stored);
  const hash = await derive(password, known);
  return timingSafeEqual(hash, known.hash) && stored !== null;
}

const NOBODY: Stored = {
  costLog2: COST_LOG2,
  blockSize: BLOCK_SIZE,
  parallel: PARALLEL,
  salt: Buffer.alloc(SALT_BYTES),
  hash: Buffer.alloc(HASH_BYTES),
};

function parse(stored: string): Stored {
  const form = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored);
  const [, costLog2, blockSize, parallel, salt = '', hash = ''] = form ?? [];
  const bytes = Buffer.from(hash, 'base64url');
  if (form === null || bytes.length !== HASH_BYTES)
    throw new Error('a password hash in the database is not of the form scrypt$…: set the password anew');
  return {
    costLog2: Number(costLog2),
    blockSize: Number(blockSize),
    parallel: Number(parallel),
    salt: Buffer.from(salt, 'base64url'),
    hash: bytes,
  };
}

function derive(
  password: string,
  { costLog2, blockSize, parallel, salt }: Omit<Stored, 'hash'>,
): Promise<Buffer> {
  const options = { N: 2 ** costLog2, r: blockSize, p: parallel, maxmem: MEMORY_BYTES_MAX };
  // One spelling of what the keyboard sent (RFC 8265).
  const text = password.normalize('NFC');
  return new Promise((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

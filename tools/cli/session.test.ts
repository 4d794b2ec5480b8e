import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, randomSecret, save, type Choice } from './session.ts';

// The promise: a key goes to the API that it was given for, and to no other.

const API = 'https://api.quittance.example';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-session-'));
  await save(join(folder, 'login.json'), { api: API, apiKey: 'sk_test_kept', forwardSecret: randomSecret() });
});
afterAll(() => rm(folder, { recursive: true }));

const session = (choice: Choice, keyInEnvironment?: string) =>
  openSession(
    choice,
    { configPath: join(folder, 'login.json'), checkout: folder, keyInEnvironment },
    () => undefined,
  );

describe('with a login', () => {
  it.each([
    [{}, undefined, [API, 'sk_test_kept']],
    [{ api: API }, undefined, [API, 'sk_test_kept']],
    [{ key: 'sk_test_said' }, undefined, [API, 'sk_test_said']],
    [
      { api: 'https://other.example', key: 'sk_test_said' },
      'sk_test_env',
      ['https://other.example', 'sk_test_said'],
    ],
    [{ api: 'https://other.example' }, 'sk_test_env', ['https://other.example', 'sk_test_env']],
    [{}, 'sk_test_env', [API, 'sk_test_kept']],
  ] as const)('%j and %s in the environment', async (choice, environment, [api, apiKey]) => {
    expect(await session(choice, environment)).toMatchObject({ api, apiKey });
  });

  it('another address without a key is refused: it would be told the key that is kept', async () => {
    await expect(session({ api: 'https://other.example' })).rejects.toThrow(/both --api and --key/);
    await expect(session({ api: 'https://other.example' }, '')).rejects.toThrow(/both --api and --key/);
  });
});

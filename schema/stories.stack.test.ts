import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../temporal-dev/testing/database.ts';
import { tellStory } from './testing/tell-story.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: the stories in schema/stories/ are true. Each is run against a fresh database and must
 * print what its .out file says. After a change that is meant:
 *
 *     npx vitest run --project stack schema/stories.stack.test.ts -u
 *
 * writes the .out files anew; read their difference before it is committed.
 */

const FOLDER = join(import.meta.dirname, 'stories');
const STORIES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.sql') && file !== 'setup.sql')
  .map((file) => file.slice(0, -'.sql'.length));

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase(await readRunFile(stackRunFile()), { schema: 'main' });
  const superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  await superuser.query(await readFile(join(FOLDER, 'setup.sql'), 'utf8'));
  await superuser.end();
});
afterEach(() => database.drop());

describe('the story', () => {
  it.each(STORIES)('%s goes as it is told', async (name) => {
    const told = await tellStory(database.superuserUrl, await readFile(join(FOLDER, `${name}.sql`), 'utf8'));
    await expect(told).toMatchFileSnapshot(join(FOLDER, `${name}.out`));
  });
});

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { packageRoot } from '../platform/package-root.ts';
import { recordParts, twoLegs } from '../schema/testing/change-document.ts';
import { openMainDatabase, type MainDatabase } from '../schema/testing/main-database.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: what docs/operating.md shows is what happens, and every ending has its own exit code. */

const PROGRAM = join(packageRoot(), 'dist', 'tools', 'ops-adjust.js');

let database: MainDatabase;
let url: string;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  url = database.operator.options.connectionString ?? '';
  const payment = await database.addPayment();
  await recordParts(database.worker, database.shop.merchant, payment, {
    transactions: [twoLegs('auth_1:authorized', 500)],
  });
});
afterAll(() => database.close());

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

function start(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, (error, out, errors) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, errors });
    });
  });
}

const run = (...args: string[]): Promise<Ended> => start(process.execPath, [PROGRAM, ...args, '--url', url]);

const asked = (...rest: string[]): string[] => [
  'request',
  ...['--by', 'anna', '--merchant', database.shop.merchant, '--mode', 'test'],
  ...['--debit', 'merchant_payable:pending', '--credit', 'acquirer_receivable:acquirer-1'],
  ...['--amount', '1250', '--currency', 'EUR', '--reason', 'taken twice', '--evidence', 'line 17'],
  ...rest,
];

const idIn = ({ out }: Ended): string => /adj_[0-9a-z]{26}/.exec(out)?.[0] ?? '';

/** The commands of the first shell block below that heading, each whole. */
async function documented(heading: string): Promise<string[]> {
  const text = await readFile(join(packageRoot(), 'docs', 'operating.md'), 'utf8');
  const block = /```sh\n([\s\S]*?)```/.exec(text.slice(text.indexOf(heading)))?.[1] ?? '';
  return block.replaceAll('\\\n', ' ').trim().split('\n');
}

describe('ops:adjust', () => {
  it('does what docs/operating.md shows, and posts it', async () => {
    const lines = await documented('## Correcting the books');
    expect(lines).toHaveLength(3);
    let id = 'adj_…';
    const outs: string[] = [];
    for (const line of lines) {
      const command = `${line
        .replace('npm run --silent ops:adjust --', `'${process.execPath}' '${PROGRAM}'`)
        .replace('mer_…', database.shop.merchant)
        .replace('adj_…', id)} --url '${url}'`;
      const ended = await start('sh', ['-c', command]);
      expect(ended).toMatchObject({ code: 0, errors: '' });
      outs.push(ended.out);
      if (id === 'adj_…') id = idIn(ended);
    }
    expect(outs[0]).toContain(
      `${id} requested: 12.50 EUR, debit merchant_payable:pending, credit acquirer_receivable:acquirer-1, of ${database.shop.merchant} (test)\n  requested by anna at 20`,
    );
    expect(outs[1]).toMatch(new RegExp(`${id} requested: .*\\n.*\\n1 adjustment\n`));
    expect(outs[2]).toMatch(new RegExp(`${id} approved: .*\\n.*\\n {2}approved by ben at 20`));
    const { rows } = await database.owner.query(
      'select event from ledger_transactions where business_key = $1',
      [id],
    );
    expect(rows).toEqual([{ event: 'adjusted' }]);
  });

  it('the same request under the same id is one; the same decision again is one', async () => {
    const id = newId('adj');
    for (const ended of [await run(...asked('--id', id)), await run(...asked('--id', id))])
      expect([ended.code, idIn(ended)]).toEqual([0, id]);
    for (const ended of [await run('approve', id, '--by', 'ben'), await run('approve', id, '--by', 'ben')])
      expect(ended).toMatchObject({ code: 0, out: expect.stringContaining(`${id} approved`) as string });
  });

  it('ends with 1 when it is refused, and the refusal names it', async () => {
    const id = idIn(await run(...asked()));
    for (const [args, says] of [
      [
        ['approve', id, '--by', 'anna'],
        `adjustment ${id} was requested by anna: somebody else must decide it`,
      ],
      [['approve', newId('adj'), '--by', 'ben'], 'does not exist'],
      [asked('--payment', 'pay_none'), 'payment pay_none is none of'],
      [asked('--by', 'Anna'), 'Anna is not how a person is written'],
    ] as const)
      expect(await run(...args)).toMatchObject({
        code: 1,
        out: '',
        errors: expect.stringContaining(says) as string,
      });
    expect(await run('reject', id, '--by', 'ben', '--why', 'not so')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/rejected by ben at .*: not so\n/) as string,
    });
    expect((await run('approve', id, '--by', 'carla')).errors).toBe(
      `refused: adjustment ${id} is rejected already, by ben\n`,
    );
    expect((await run('list', '--state', 'rejected')).out).toContain(id);
  });

  it('ends with 2 when what was typed is not a command, and says what is wrong', async () => {
    for (const [args, says] of [
      [['pay'], 'pay is not request, approve, reject or list'],
      [['approve', '--by', 'ben'], 'needs the id'],
      [['approve', 'adj_1', '--by', 'ben'], 'adj_1 is not the id of an adjustment'],
      [['approve', newId('adj')], '--by is missing'],
      [['reject', newId('adj'), '--by', 'ben'], '--why is missing'],
      [asked('--amount', '12.50'), '12.50 EUR is 1250'],
      [asked('--currency', 'EUS'), 'EUS is not an active ISO 4217 currency'],
      [asked('--mode', 'both'), 'neither test nor live'],
      [asked('--nonsense'), '--nonsense'],
      [asked('more'), 'more is too much'],
      [['list', '--state', 'open'], '--state open'],
      [['list', '--limit', '0'], '--limit 0'],
      [['list', '--run-file', 'x'], 'either --url or --run-file'],
    ] as const)
      expect(await run(...args), says).toMatchObject({
        code: 2,
        errors: expect.stringContaining(says) as string,
      });
  });

  it('ends with 3 when nobody answers, and says how to ask again without asking twice', async () => {
    const id = newId('adj');
    const away = ['--url', 'postgres://nobody@127.0.0.1:1/none'];
    expect(await start(process.execPath, [PROGRAM, ...asked('--id', id), ...away])).toMatchObject({
      code: 3,
      errors: expect.stringMatching(
        new RegExp(`^no answer to request ${id}: .*ECONNREFUSED.*; say it again with --id ${id}`),
      ) as string,
    });
    expect(await start(process.execPath, [PROGRAM, 'list', '--run-file', '/nowhere/run.json'])).toMatchObject(
      {
        code: 3,
        errors: expect.stringContaining('/nowhere/run.json cannot be read') as string,
      },
    );
  });

  it('explains itself', async () => {
    expect(await start(process.execPath, [PROGRAM, '--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('approve adj_…  --by PERSON') as string,
    });
  });
});

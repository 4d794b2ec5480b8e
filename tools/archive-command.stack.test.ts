import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { restore } from './archive/restore.ts';
import {
  archiveScene,
  beforeMonth,
  HISTORY,
  HISTORY_DAYS,
  HISTORY_NEXT,
  NEXT,
} from './archive/testing/scene.ts';
import { runTool, type Ended } from './testing/run-tool.ts';

/** The promise: what was archived can be read again as it was or not at all, and the command says what it did. */

const scene = archiveScene();

describe('restore', () => {
  const file = (): string => join(scene().folder, `${HISTORY}.jsonl.gz`);
  const restored = () => restore(scene().database.urls.owner, file(), () => undefined);

  it('refuses a file that is not what its manifest says, and loads nothing', async () => {
    await scene().oldPayment();
    await scene().run();
    await appendFile(file(), 'x');
    await expect(restored()).rejects.toThrow(/has sha256 \w+, its manifest says/);
    await rm(join(scene().folder, `${HISTORY}.manifest.json`));
    await expect(restored()).rejects.toThrow('is not the manifest of an archive');
    expect(await scene().isThere(`archived_${HISTORY}`)).toBe(false);
  });

  it('does not load over what was loaded', async () => {
    await scene().oldPayment();
    await scene().run();
    await restored();
    await expect(restored()).rejects.toThrow(`the table archived_${HISTORY} is there already`);
  });
});

describe('npm run archive', () => {
  const command = (...args: string[]): Promise<Ended> => runTool('archive', args);
  const before = beforeMonth(NEXT - 1);

  it('says what went and what stays, and ends with 1 when something stays', async () => {
    await scene().oldPayment();
    await scene().oldPayment(NEXT, {});
    const place = [
      '--url',
      scene().database.urls.owner,
      '--to',
      scene().folder,
      '--history-days',
      String(HISTORY_DAYS),
    ];
    const { code, out } = await command('--before', before, ...place);
    expect(out).toContain(`${HISTORY} archived, 2 rows\n`);
    expect(out).toContain(`${HISTORY_NEXT} stays: payment pay_`);
    expect(out).toContain(`7 months of tables are in ${scene().folder}, 1 have to stay\n`);
    expect(code).toBe(1);
    expect(
      await command(
        'restore',
        join(scene().folder, `${HISTORY}.jsonl.gz`),
        '--url',
        scene().database.urls.owner,
      ),
    ).toMatchObject({
      code: 0,
      out: `restored into the table archived_${HISTORY}: read it, and drop it when you are done\n`,
    });
  });

  it('explains itself, and what it was asked wrongly', async () => {
    expect(await command('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('--dry-run') as string,
    });
    const url = ['--url', scene().database.urls.owner];
    for (const [args, says] of [
      [[...url, '--to', scene().folder], '--before  is not a month: YYYY-MM'],
      [[...url, '--to', scene().folder, '--before', '2026-13'], '--before 2026-13 is not a month'],
      [[...url, '--before', before], '--url needs --to'],
      [[...url, 'burn', 'it'], '"burn it" is no command'],
      [
        [...url, '--to', scene().folder, '--before', before, '--history-days', 'x'],
        '--history-days x is not a whole number',
      ],
    ] as const)
      expect(await command(...args)).toMatchObject({
        code: 1,
        errors: expect.stringContaining(says) as string,
      });
  });
});

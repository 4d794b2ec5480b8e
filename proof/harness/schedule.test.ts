import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CRASH_POINTS } from '../../temporal-dev/crash-orders.ts';
import { LINK_NAMES } from '../proxy/links.ts';
import { randomFrom } from './random.ts';
import { CLOCKED, drawSchedule, TAMPERINGS, VICTIMS, type Blow, type BlowKind } from './schedule.ts';

/** As many blows as the short form has (short.faults.test.ts). */
const SHORT = 64;
const SEEDS = [1, 2, 3, 4, 5];

function of<K extends BlowKind>(blows: readonly Blow[], kind: K): Extract<Blow, { kind: K }>[] {
  return blows.filter((blow): blow is Extract<Blow, { kind: K }> => blow.kind === kind);
}

describe('a schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawSchedule(randomFrom(7), 30, 60)).toEqual(drawSchedule(randomFrom(7), 30, 60));
    expect(drawSchedule(randomFrom(7), 30, 60)).not.toEqual(drawSchedule(randomFrom(8), 30, 60));
  });

  it.each(SEEDS)('stays within its time, and in order of kinds, whatever the seed (%i)', (seed) => {
    const blows = drawSchedule(randomFrom(seed), SHORT, 60);
    expect(blows).toHaveLength(SHORT);
    for (const { at } of blows) expect(at > 0 && at < 62_000, String(at)).toBe(true);
  });

  it.each(SEEDS)('of the short form passes every crash point and every tampering (seed %i)', (seed) => {
    const blows = drawSchedule(randomFrom(seed), SHORT, 60);
    const name = ({ role, boundary, side }: (typeof CRASH_POINTS)[number]) => `${role} ${boundary} ${side}`;
    expect([...new Set(of(blows, 'crash').map(name))].sort()).toEqual(CRASH_POINTS.map(name).sort());
    expect(new Set(of(blows, 'tamper').map(({ how }) => how)).size).toBe(TAMPERINGS.length);
    expect(new Set(blows.map(({ kind }) => kind)).size).toBe(9);
  });

  it.each(SEEDS)('of the long form spares no process and no link (seed %i)', (seed) => {
    const blows = drawSchedule(randomFrom(seed), 300, 600);
    const struck = (kind: 'kill' | 'restart' | 'pause') => of(blows, kind).map(({ victim }) => victim);
    const victims = new Set([...struck('kill'), ...struck('restart'), ...struck('pause')]);
    expect([...victims].sort()).toEqual([...VICTIMS].sort());
    expect(new Set(of(blows, 'jump').map(({ victim }) => victim)).size).toBe(CLOCKED.length);
    expect(new Set(of(blows, 'link').map(({ link }) => link)).size).toBe(LINK_NAMES.length);
  });
});

describe('the crash points in the code', () => {
  const sources = ['api', 'vault', 'activities', 'workers'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  );
  /** As the code writes them: one side, both around some work, or named by what is in a commit or a task. */
  const passed = new Set(
    sources.flatMap((text) =>
      [
        ...text.matchAll(/crashPoint\('([a-z0-9-]+)', '(before|after)'\)/g),
        ...text.matchAll(/atBoundary\('([a-z0-9-]+)'/g),
        ...(text.includes('const COMMITTED') ? text.matchAll(/'([a-z0-9-]+)': '/g) : []),
        ...text.matchAll(/found\.push\('([a-z0-9-]+)'\)/g),
      ].flatMap(([, boundary, side]) =>
        side === undefined ? [`${boundary} before`, `${boundary} after`] : [`${boundary} ${side}`],
      ),
    ),
  );

  it('are those that processes can be told to die at, all of them and no others', () => {
    const known = new Set(CRASH_POINTS.map(({ boundary, side }) => `${boundary} ${side}`));
    expect([...passed].sort()).toEqual([...known].sort());
  });
});

import { describe, expect, it } from 'vitest';
import { Lanes } from './lanes.ts';

const limits = { running: 4, runningPerLane: 2, waitingPerLane: 3, total: 8 };

function takeAll(lanes: Lanes<string>): string[] {
  const taken: string[] = [];
  for (let next = lanes.take(); next !== null; next = lanes.take()) taken.push(next.work);
  return taken;
}

describe('lanes', () => {
  it('give a slow lane no more than its share and let the others pass', () => {
    const lanes = new Lanes<string>(limits);
    for (const work of ['slow 1', 'slow 2', 'slow 3']) expect(lanes.offer('slow', work)).toBe(true);
    expect(lanes.offer('quick', 'quick 1')).toBe(true);
    expect(takeAll(lanes).sort()).toEqual(['quick 1', 'slow 1', 'slow 2']);
    lanes.done('slow');
    expect(takeAll(lanes)).toEqual(['slow 3']);
  });

  it('serve lanes in turn, each in its order', () => {
    const lanes = new Lanes<string>({ ...limits, runningPerLane: 4 });
    for (const work of ['a1', 'a2', 'a3']) lanes.offer('a', work);
    lanes.offer('b', 'b1');
    expect(takeAll(lanes)).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('never have more at work than the limit of all', () => {
    const lanes = new Lanes<string>(limits);
    for (const key of ['a', 'b', 'c']) for (const n of [1, 2]) lanes.offer(key, `${key}${n}`);
    expect(takeAll(lanes)).toHaveLength(4);
    expect(lanes.running).toBe(4);
    lanes.done('a');
    expect(takeAll(lanes)).toHaveLength(1);
  });

  it('refuse what a full lane cannot take, and say which lanes are full', () => {
    const lanes = new Lanes<string>(limits);
    for (let n = 0; n < 3; n += 1) lanes.offer('a', `a${n}`);
    expect(lanes.offer('a', 'too much')).toBe(false);
    expect(lanes.full).toEqual(['a']);
    takeAll(lanes);
    expect(lanes.full).toEqual([]);
    expect(lanes.offer('a', 'again')).toBe(true);
  });

  it('count room for everything together, waiting or at work', () => {
    const lanes = new Lanes<string>(limits);
    for (const key of ['a', 'b', 'c']) for (let n = 0; n < 3; n += 1) lanes.offer(key, `${key}${n}`);
    expect(lanes.room).toBe(0);
    takeAll(lanes);
    expect(lanes.room).toBe(0);
    expect(lanes.offer('d', 'd1')).toBe(false);
    lanes.done('a');
    expect(lanes.room).toBe(1);
  });

  it('hand out what waits when they are drained, and keep what is at work', () => {
    const lanes = new Lanes<string>(limits);
    for (let n = 0; n < 3; n += 1) lanes.offer('a', `a${n}`);
    takeAll(lanes);
    expect(lanes.drain()).toEqual(['a2']);
    expect(lanes.running).toBe(2);
    lanes.done('a');
    lanes.done('a');
    expect(lanes.room).toBe(limits.total);
    expect(() => {
      lanes.done('a');
    }).toThrow('nothing is at work in lane a');
  });
});

import { expect, it } from 'vitest';
import { Problem } from '../problem.ts';
import { CALL_CLASSES, createLoad, type CallClass, type Load } from './load.ts';

const open = (load: Load): readonly CallClass[] =>
  CALL_CLASSES.filter((kind) => {
    try {
      load.take(kind)();
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'overloaded', status: 503, headers: { 'retry-after': '2' } });
      expect(error).toBeInstanceOf(Problem);
      return false;
    }
  });

it('the fuller a process is, the fewer it lets in: captures and refunds last', () => {
  const load = createLoad(10);
  const seen = Array.from({ length: 11 }, (_, taken) => {
    const let_in = open(load);
    if (taken < 10) load.take('money');
    return let_in.join(' ');
  });
  expect(seen).toEqual([
    ...Array.from({ length: 6 }, () => 'read manage create money'),
    'create money',
    'create money',
    'money',
    'money',
    '',
  ]);
});

it('a place that is given back twice is given back once', () => {
  const load = createLoad(2);
  const back = load.take('money');
  load.take('money');
  back();
  back();
  load.take('money');
  expect(open(load)).toEqual([]);
});

import { expect, it } from 'vitest';
import { waitOf } from './prefer.ts';

it.each([
  [undefined, null],
  ['', null],
  ['wait=0', 0],
  ['wait=10', 10],
  ['WAIT = "7"', 7],
  ['respond-async, wait=5', 5],
  ['wait=5; foo=1', 5],
  ['wait=31', 30],
  ['wait=999999999', 30],
  ['wait=-1', null],
  ['wait=1.5', null],
  ['wait=soon', null],
  ['await=5', null],
])('Prefer %j asks to wait %j seconds', (header, seconds) => {
  expect(waitOf(header)).toBe(seconds);
});

import { expect, it } from 'vitest';
import { originFault } from './origin.ts';

it.each([
  ['https://shop.example', true, true],
  ['https://shop.example:8443', true, true],
  ['http://localhost:3000', true, false],
  ['http://127.0.0.1', true, false],
  ['http://[::1]:8080', true, false],
  ['http://shop.example', false, false],
  ['http://localhost.shop.example', false, false],
  ['http://127.0.0.1.example', false, false],
  ['ws://shop.example', false, false],
  ['ftp://shop.example', false, false],
  ['https://shop.example/page', false, false],
  ['https://shop.example/', false, false],
  ['null', false, false],
])('pages of %s may hold a publishable key: in test mode %s, live %s', (origin, test, live) => {
  expect(originFault(origin, 'test') === null).toBe(test);
  expect(originFault(origin, 'live') === null).toBe(live);
});

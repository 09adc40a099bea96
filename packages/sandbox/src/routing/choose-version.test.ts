import { expect, test } from 'vitest';
import { workerRoute } from '../testing/in-process-sandbox.ts';
import { chooseVersion } from './choose-version.ts';

const addresses = Array.from({ length: 4000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);

test('one version serves everybody, and none nobody', () => {
  const single = workerRoute(1, { serving: [{ version: 7, percent: 100 }] });
  expect(new Set(addresses.map((address) => chooseVersion(single, address)))).toEqual(new Set([7]));
  expect(chooseVersion(workerRoute(1, { serving: [] }), '10.0.0.1')).toBeUndefined();
});

test('two versions share clients by their percentages, each client staying with one', () => {
  const route = workerRoute(1, {
    serving: [
      { version: 1, percent: 90 },
      { version: 2, percent: 10 },
    ],
  });
  const chosen = addresses.map((address) => chooseVersion(route, address));
  const share = chosen.filter((version) => version === 2).length / chosen.length;
  expect(share).toBeGreaterThan(0.07);
  expect(share).toBeLessThan(0.13);
  expect(addresses.map((address) => chooseVersion(route, address))).toEqual(chosen);
});

test('a version that grows keeps the clients it has', () => {
  const serving = (second: number): ReturnType<typeof workerRoute> =>
    workerRoute(1, {
      serving: [
        { version: 2, percent: second },
        { version: 1, percent: 100 - second },
      ],
    });
  const early = addresses.filter((address) => chooseVersion(serving(10), address) === 2);
  expect(early.length).toBeGreaterThan(0);
  expect(early.every((address) => chooseVersion(serving(50), address) === 2)).toBe(true);
});

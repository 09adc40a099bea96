import { expect, test } from 'vitest';
import type { Area } from './areas.ts';
import { matchFailure } from './expectation.ts';
import { Tally } from './tally.ts';

test('a star in the name of a test stands for any text', () => {
  const failures = { 'a.any.js': { '* (x)': 'ends', 'a*c*e': 'middle', exact: 'whole' } };
  const found = ['one (x)', '(x)', 'abcde', 'ace', 'aec', 'exact', 'exactly', ''].map(
    (name) => matchFailure({ failures }, 'a.any.js', name)?.text,
  );
  expect(found).toEqual([
    'ends',
    undefined,
    'middle',
    'middle',
    undefined,
    'whole',
    undefined,
    undefined,
  ]);
});

test('a tally counts, and reports what differs from the expectations both ways', () => {
  const area: Area = {
    name: 'a',
    expectations: {
      notApplicable: { 'a/x.any.js': { 'shared *': 'SharedArrayBuffer' } },
      failures: { 'a/x.any.js': { known: 'why', healed: 'why', gone: 'why' } },
    },
  };
  const tally = new Tally(area);
  const result = (name: string, status: number) => ({ name, status, message: null });
  tally.addFile('a/x.any.js', {
    status: 2,
    message: 'slow',
    tests: [result('fine', 0), result('known', 1), result('healed', 0), result('shared 1', 1)],
  });
  tally.finish();
  expect([tally.passed, tally.failed, tally.notApplicableCount]).toEqual([2, 2, 1]);
  expect(tally.surprises.map(({ test: name, what }) => `${name} ${what}`)).toEqual([
    '(harness) fails',
    'healed passes, but is expected to fail',
  ]);
});

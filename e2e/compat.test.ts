import { expect, test } from 'vitest';
import { observeAll } from '../compat/observe.ts';
import { problemsOf } from '../compat/report.ts';

test('every difference from workerd is a known one', async () => {
  expect(problemsOf(await observeAll())).toEqual([]);
});

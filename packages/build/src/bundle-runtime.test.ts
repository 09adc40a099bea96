import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { bundleRuntime } from './bundle-runtime.ts';

test('the runtime is one script that evaluates to the boot function and leaves no global behind', async () => {
  const context = {};
  const boot: unknown = runInNewContext(await bundleRuntime(), context);
  expect(typeof boot).toBe('function');
  expect(Object.getOwnPropertyNames(context)).toEqual([]);
});

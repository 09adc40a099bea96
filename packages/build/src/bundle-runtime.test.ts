import { createContext, runInContext } from 'node:vm';
import { expect, test } from 'vitest';
import { bundleRuntime } from './bundle-runtime.ts';

test('the runtime is one script that evaluates to the boot function and adds no global', async () => {
  const context = createContext({});
  const globals = (): unknown => runInContext('Reflect.ownKeys(globalThis).map(String)', context);
  const before = globals();
  const boot: unknown = runInContext(await bundleRuntime(), context);
  expect(typeof boot).toBe('function');
  const after = globals();
  if (!Array.isArray(before) || !Array.isArray(after)) throw new Error('no list of names');
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
});

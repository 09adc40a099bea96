import { afterAll, beforeAll, expect, test } from 'vitest';
import { EnvironmentStore } from './environment-store.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';

let workers: TestWorkers;

beforeAll(async () => {
  workers = await openTestWorkers();
});
afterAll(() => workers.close());

test('values are read once per revision, and again for a newer one', async () => {
  const store = new EnvironmentStore({ queries: workers.runner.queries });
  const environmentId = await workers.createEnvironment({ A: 'one' });
  const first = await store.load({ environmentId, revision: 1 });
  expect(first?.values).toEqual([{ type: 'var', key: 'A', value: 'one' }]);
  const revision = first?.revision ?? 0;
  await workers.setValue(environmentId, 'A', 'two');
  expect(await store.load({ environmentId, revision })).toBe(first);
  const [second, same] = await Promise.all([
    store.load({ environmentId, revision: revision + 1 }),
    store.load({ environmentId, revision: revision + 1 }),
  ]);
  expect(same).toBe(second);
  expect(second?.values).toEqual([{ type: 'var', key: 'A', value: 'two' }]);
});

test('an environment that was deleted is undefined', async () => {
  const store = new EnvironmentStore({ queries: workers.runner.queries });
  const environmentId = '00000000-0000-4000-8000-000000000000';
  expect(await store.load({ environmentId, revision: 1 })).toBeUndefined();
});

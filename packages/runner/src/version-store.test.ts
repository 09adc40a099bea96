import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database } from '@openworkers/db';
import { DatabaseLink } from './testing/database-link.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { VersionStore } from './version-store.ts';

let workers: TestWorkers;
let link: DatabaseLink;
let database: Database;
let workerId: string;

beforeAll(async () => {
  workers = await openTestWorkers();
  link = new DatabaseLink(workers.test.roles.runner);
  await link.mend();
  database = createDatabase({ connectionString: link.connectionString, applicationName: 'test' });
  workerId = await workers.create('hello');
  await workers.deploy(workerId, 'one', '{}');
  await workers.deploy(workerId, 'x'.repeat(5_000));
});

afterAll(async () => {
  await database.close();
  link.cut();
  await workers.close();
});

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

test('code is read once and then stays at hand without PostgreSQL', async () => {
  const store = new VersionStore({ queries: database.queries });
  const [first, second] = await Promise.all([
    store.load({ workerId, version: 1 }),
    store.load({ workerId, version: 1 }),
  ]);
  expect(second).toBe(first);
  expect(text(first.code)).toBe('one');
  expect(text(first.sourceMap)).toBe('{}');
  link.cut();
  try {
    expect(await store.load({ workerId, version: 1 })).toBe(first);
    await expect(store.load({ workerId, version: 2 })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  } finally {
    await link.mend();
  }
});

test('memory is bounded: what was not used for longest is read again', async () => {
  const store = new VersionStore({ queries: workers.runner.queries, maxBytes: 6_500 });
  const first = await store.load({ workerId, version: 1 });
  await store.load({ workerId, version: 2 });
  expect(await store.load({ workerId, version: 1 })).not.toBe(first);
});

test('a version that is not there is said so, and a prefetch of it harms nobody', async () => {
  const store = new VersionStore({ queries: workers.runner.queries });
  store.prefetch({ workerId, version: 99 });
  await expect(store.load({ workerId, version: 99 })).rejects.toMatchObject({
    code: 'worker_not_deployed',
  });
});

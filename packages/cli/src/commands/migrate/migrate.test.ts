import { createTestDatabase, type TestDatabase } from '@openworkers/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOw, type Ow } from '../../testing/ow.ts';

let database: TestDatabase;
let ow: Ow;

beforeAll(async () => {
  database = await createTestDatabase();
  ow = createOw();
});
afterAll(async () => {
  ow.dispose();
  await database.drop();
});

test('status lists what is applied, run has nothing left to do', async () => {
  await ow.run('alias', 'set', 'owner', '--db', database.owner.reveal());
  const status = await ow.run('migrate', 'status');
  expect(status).toMatchObject({ code: 0, stderr: '' });
  expect(status.stdout).toContain('0001_');
  expect(status.stdout).not.toContain('pending');
  expect(status.stdout).toContain('The schema is up to date.');
  const run = await ow.run('migrate', 'run', '--json');
  expect(JSON.parse(run.stdout)).toMatchObject({ applied: [] });
});

test('DATABASE_URL comes before the default alias, but not before one that was typed', async () => {
  const nowhere = createOw({ DATABASE_URL: 'postgres://a:secret@127.0.0.1:1/x' });
  await nowhere.run('alias', 'set', 'owner', '--db', database.owner.reveal());
  const failed = await nowhere.run('migrate', 'status');
  expect(failed.code).toBe(1);
  expect(failed.stderr).not.toContain('secret');
  expect(await nowhere.run('owner', 'migrate', 'status')).toMatchObject({ code: 0 });
  nowhere.dispose();
});

test('an alias of an API cannot migrate', async () => {
  await ow.run('alias', 'set', 'web', '--api', 'https://ow.example');
  expect(await ow.run('web', 'migrate', 'run')).toMatchObject({ code: 1, stdout: '' });
});

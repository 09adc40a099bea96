import { platformLimits } from '@openworkers/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createUser } from '../users/queries.ts';
import { openTestDatabase, type OpenTestDatabase } from '../testing/fixtures.ts';
import { createTestSealer } from '../testing/test-sealer.ts';
import { createEnvironment } from './queries.ts';
import { listValues, setSecret, setVariable } from './values.ts';

let db: OpenTestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.drop());

async function createOwned(name: string) {
  const { id: actorId, tenantId } = await createUser(db.queries, { username: name });
  const { id } = await createEnvironment(db.queries, { tenantId, actorId, name });
  return { tenantId, actorId, environmentId: id };
}

test('an environment takes so many values and no more, also of writers at the same time', async () => {
  const owner = await createOwned('many');
  const most = platformLimits.environmentValues.tenant;
  const keys = Array.from({ length: most + 5 }, (_, index) => `K${index}`);
  const results = await Promise.allSettled(
    keys.map((key) => setVariable(db.queries, { ...owner, key, value: 'v' })),
  );
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(5);
  expect(refused[0]).toMatchObject({ reason: { code: 'limit_reached' } });
  const values = await listValues(db.queries, owner);
  expect(values).toHaveLength(most);
  // One of those that are there may still change.
  await setVariable(db.queries, { ...owner, key: values[0]?.key ?? '', value: 'w' });
});

test('what is in an environment has a size, secrets included, and nothing is lost by a refusal', async () => {
  const owner = await createOwned('large');
  const value = 'x'.repeat(platformLimits.bindingValueBytes.tenant);
  const fitting = platformLimits.environmentBytes.tenant / value.length - 1;
  const sealer = createTestSealer();
  for (let index = 0; index < fitting; index += 1) {
    await setSecret(db.queries, { ...owner, key: `S${index}`, value, sealer });
  }
  await setVariable(db.queries, { ...owner, key: 'SMALL', value: 'kept' });
  await expect(setVariable(db.queries, { ...owner, key: 'SMALL', value })).rejects.toMatchObject({
    code: 'limit_reached',
  });
  const small = (await listValues(db.queries, owner)).find(({ key }) => key === 'SMALL');
  expect(small?.value).toBe('kept');
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type OpenTestDatabase } from '../testing/fixtures.ts';
import { createUser, ensureAdmin, findUserByUsername } from './queries.ts';

let db: OpenTestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.drop());

test('a new user owns a personal tenant', async () => {
  const user = await createUser(db.queries, { username: 'Alice@example.com' });
  expect(user).toEqual({
    id: expect.any(String),
    username: 'Alice@example.com',
    role: 'user',
    tenantId: expect.any(String),
    createdAt: expect.any(Date),
  });
  const members = await db.queries
    .selectFrom('tenant_members')
    .select(['user_id', 'role'])
    .where('tenant_id', '=', user.tenantId)
    .execute();
  expect(members).toEqual([{ user_id: user.id, role: 'owner' }]);
});

test('names of users are compared without case', async () => {
  const user = await createUser(db.queries, { username: 'Bob' });
  expect(await findUserByUsername(db.queries, 'bOB')).toEqual(user);
  expect(await findUserByUsername(db.queries, 'carol')).toBeUndefined();
  await expect(createUser(db.queries, { username: 'BOB' })).rejects.toMatchObject({
    code: 'name_taken',
  });
});

test('a refused user leaves no tenant behind', async () => {
  const count = () =>
    db.queries
      .selectFrom('tenants')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
  await createUser(db.queries, { username: 'dave' });
  const before = await count();
  await expect(createUser(db.queries, { username: 'dave' })).rejects.toThrow();
  expect(await count()).toEqual(before);
});

test('the first admin is created once, by however many ask', async () => {
  const results = await Promise.all(Array.from({ length: 5 }, () => ensureAdmin(db.queries)));
  expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(new Set(results.map(({ user }) => user.id)).size).toBe(1);
  expect(results[0]?.user).toMatchObject({ username: 'admin@localhost', role: 'admin' });
  expect((await ensureAdmin(db.queries)).isNew).toBe(false);
});

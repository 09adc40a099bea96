import { afterAll, beforeAll, expect, test } from 'vitest';
import { bindResource } from '../environments/values.ts';
import { createEnvironment } from '../environments/queries.ts';
import {
  createUserWithWorker,
  openTestDatabase,
  type OpenTestDatabase,
} from '../testing/fixtures.ts';
import { createTestSealer } from '../testing/test-sealer.ts';
import {
  createPlatformStorage,
  createS3Storage,
  deleteStorage,
  findStorage,
  listStorages,
  loadStorage,
  storageIdentity,
  updateStorage,
} from './queries.ts';

const sealer = createTestSealer();
const location = { endpoint: 'https://s3.example/', bucket: 'files', prefix: 'a/b', region: 'x-1' };
const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'top/secret+key' };
let db: OpenTestDatabase;
let mine: { tenantId: string; actorId: string };
let theirs: typeof mine;

beforeAll(async () => {
  db = await openTestDatabase();
  const create = async (name: string) => {
    const { user } = await createUserWithWorker(db.queries, name);
    return { tenantId: user.tenantId, actorId: user.id };
  };
  mine = await create('mine');
  theirs = await create('theirs');
});
afterAll(() => db.drop());

test('storages are listed and found by their tenant only, without keys', async () => {
  const { queries } = db;
  const platform = await createPlatformStorage(queries, { ...mine, name: 'files', desc: 'd' });
  const s3 = await createS3Storage(queries, { ...mine, name: 's3', location, credentials, sealer });
  expect(platform).toMatchObject({ provider: 'platform', location: undefined, desc: 'd' });
  const normalised = { ...location, endpoint: 'https://s3.example' };
  expect(s3).toMatchObject({ provider: 's3', location: normalised });
  expect(await listStorages(queries, mine.tenantId)).toEqual([platform, s3]);
  expect(await findStorage(queries, { ...mine, idOrName: 's3' })).toEqual(s3);
  expect(await listStorages(queries, theirs.tenantId)).toEqual([]);
  expect(await findStorage(queries, { ...theirs, idOrName: s3.id })).toBeUndefined();
  expect(await loadStorage(db.database, { ...theirs, storageId: s3.id })).toBeUndefined();
  expect(await updateStorage(queries, { ...theirs, storageId: s3.id, name: 'x' })).toBeUndefined();
  expect(await deleteStorage(queries, { ...theirs, storageId: s3.id })).toBe(false);
  const again = createPlatformStorage(queries, { ...mine, name: 'files' });
  await expect(again).rejects.toMatchObject({ code: 'name_taken' });
});

test('keys are sealed for their row, and no text of them is in the table', async () => {
  const found = await findStorage(db.queries, { ...mine, idOrName: 's3' });
  const storageId = found?.id ?? '';
  const loaded = await loadStorage(db.database, { ...mine, storageId });
  if (loaded?.provider !== 's3') throw new Error('not an s3 storage');
  const text = await sealer.open(loaded.credentials, storageIdentity(storageId));
  expect(JSON.parse(text)).toEqual(credentials);
  expect(Buffer.from(loaded.credentials.ciphertext).includes('secret')).toBe(false);
  const elsewhere = sealer.open(loaded.credentials, storageIdentity(crypto.randomUUID()));
  await expect(elsewhere).rejects.toMatchObject({ code: 'secret_unreadable' });
});

test('a platform storage gets no place, and old keys no new endpoint', async () => {
  const { queries } = db;
  const platform = await findStorage(queries, { ...mine, idOrName: 'files' });
  const s3 = await findStorage(queries, { ...mine, idOrName: 's3' });
  const moved = { ...location, endpoint: 'https://attacker.example' };
  const attempts = [
    updateStorage(queries, { ...mine, storageId: platform?.id ?? '', s3: { location, sealer } }),
    updateStorage(queries, { ...mine, storageId: s3?.id ?? '', s3: { location: moved, sealer } }),
  ];
  for (const attempt of attempts) {
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_input' });
  }
  const renamed = { ...mine, storageId: platform?.id ?? '', name: 'renamed', desc: null };
  expect(await updateStorage(queries, renamed)).toMatchObject({ name: 'renamed', desc: undefined });
  const both = { location: moved, credentials, sealer };
  const changed = await updateStorage(queries, { ...mine, storageId: s3?.id ?? '', s3: both });
  expect(changed?.location).toEqual(moved);
});

test('places and keys that make no sense are refused', async () => {
  const attempt = (wrong: object) =>
    createS3Storage(db.queries, { ...mine, name: 'w', location, credentials, sealer, ...wrong });
  const places = [
    ...['ftp://x', 'file:///etc', 'https://u:p@x', 'https://x/?a', 'nonsense'].map((endpoint) => ({
      endpoint,
    })),
    ...['..', '../x', 'a//b', '/a', 'a/', 'a/./b', 'a\0b'].map((prefix) => ({ prefix })),
    ...['', 'a/b', 'a..b', '../x'].map((bucket) => ({ bucket })),
    { region: 'a b' },
  ];
  for (const place of places) {
    const wrong = attempt({ location: { ...location, ...place } });
    await expect(wrong, JSON.stringify(place)).rejects.toMatchObject({ code: 'invalid_input' });
  }
  const masked = attempt({ credentials: { ...credentials, secretAccessKey: '********' } });
  await expect(masked).rejects.toMatchObject({ code: 'invalid_input' });
});

test('a bound storage cannot be deleted, an unbound one can', async () => {
  const { queries } = db;
  const { id } = await createPlatformStorage(queries, { ...mine, name: 'bound' });
  const environment = await createEnvironment(queries, { ...mine, name: 'e' });
  await bindResource(queries, {
    ...mine,
    environmentId: environment.id,
    key: 'FILES',
    type: 'storage',
    shape: 'openworkers',
    targetId: id,
  });
  const bound = deleteStorage(queries, { ...mine, storageId: id });
  await expect(bound).rejects.toMatchObject({ code: 'resource_in_use' });
  const free = await createPlatformStorage(queries, { ...mine, name: 'free' });
  expect(await deleteStorage(queries, { ...mine, storageId: free.id })).toBe(true);
  expect(await findStorage(queries, { ...mine, idOrName: free.id })).toBeUndefined();
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@openworkers/core';
import {
  bindResource,
  createPlatformStorage,
  createUser,
  deleteStorage,
  type BindingShape,
} from '@openworkers/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRunner, type TestRunner } from '../../testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from '../../testing/test-workers.ts';
import { TenantTurns } from '../tenant-turns.ts';
import { ObjectStores } from './object-stores.ts';

let workers: TestWorkers;
let runner: TestRunner;
let count = 0;

beforeAll(async () => {
  workers = await openTestWorkers();
  runner = await startTestRunner({ databaseUrl: workers.test.roles.runner });
});
afterAll(async () => {
  await runner.stop();
  await workers.close();
});

/** What the body makes of `STORE`, `OTHER` (the other shape of the same storage) and `ASSETS`. */
async function run(shape: BindingShape, body: string, memoryBytes?: number): Promise<unknown> {
  count += 1;
  const name = `storage-${count}`;
  const code = `export default { async fetch(request, { STORE, OTHER, ASSETS }) {
    const attempt = (promise) => promise.then((value) => ['ok', value], (error) => [error.name, error.message]);
    return Response.json((await (async () => { ${body} })()) ?? null);
  } };`;
  const id = await workers.deployBound(name, code, async ({ queries, ...key }) => {
    const storage = await createPlatformStorage(queries, { ...key, name });
    const bind = { ...key, type: 'storage' as const, targetId: storage.id };
    const otherShape = shape === 'cloudflare' ? 'openworkers' : 'cloudflare';
    await bindResource(queries, { ...bind, key: 'STORE', shape });
    await bindResource(queries, { ...bind, key: 'OTHER', shape: otherShape });
    await bindResource(queries, { ...bind, type: 'assets', key: 'ASSETS', shape });
  });
  await workers.setCpuLimit(id, 10_000);
  if (memoryBytes !== undefined) {
    const limits = workers.owner.queries.updateTable('worker_limits');
    await limits.set({ memory_bytes: memoryBytes }).where('worker_id', '=', id).execute();
  }
  const answer = await runner.call(name);
  expect(answer.status, answer.body).toBe(200);
  return JSON.parse(answer.body);
}

test("OpenWorkers' shape keeps texts, bytes, blobs and streams", async () => {
  const seen = await run(
    'openworkers',
    `await STORE.put('text', 'grüße');
     await STORE.put('bytes', new Uint8Array([0, 255, 254]));
     await STORE.put('dir/blob', new Blob(['<p>'], { type: 'text/html' }), { metadata: { a: 'b' } });
     await STORE.put('dir/stream', new Response('streamed').body);
     const fetched = await STORE.fetch('dir/blob');
     const first = await STORE.list({ limit: 3 });
     const seen = [
       await STORE.get('text'), [...await STORE.getBytes('bytes')], await STORE.get('dir/stream'),
       await STORE.get('missing'), await STORE.getBytes('missing'),
       [fetched.status, fetched.headers.get('content-type'), fetched.headers.get('content-length'), await fetched.text()],
       (await STORE.fetch('missing')).status,
       await STORE.head('dir/blob'), await attempt(STORE.head('missing')),
       first.keys, first.truncated, await STORE.list({ limit: 3, cursor: first.cursor }),
       await STORE.list({ prefix: 'dir/' }),
     ];
     await STORE.delete('text'); await STORE.delete('text');
     return [...seen, await STORE.get('text')];`,
  );
  expect(seen).toEqual([
    'grüße',
    [0, 255, 254],
    'streamed',
    null,
    null,
    [200, 'text/html', '3', '<p>'],
    404,
    { size: 3, etag: expect.any(String), contentType: 'text/html', metadata: { a: 'b' } },
    ['Error', 'Object not found'],
    ['bytes', 'dir/blob', 'dir/stream'],
    true,
    { keys: ['text'], truncated: false },
    { keys: ['dir/blob', 'dir/stream'], truncated: false },
    null,
  ]);
});

test("Cloudflare's shape: objects with metadata, checksums, ranges and conditions", async () => {
  const seen = await run(
    'cloudflare',
    `const md5 = '781e5e245d69b566979b86e28d23f2c7';
     const put = await STORE.put('k', '0123456789', {
       md5, customMetadata: { a: '1' }, httpMetadata: { contentType: 'text/x', cacheControl: 'no-store' },
     });
     const whole = await STORE.get('k');
     const headers = new Headers();
     whole.writeHttpMetadata(headers);
     const range = async (range) => { const got = await STORE.get('k', { range }); return [await got.text(), got.range]; };
     const kept = async (onlyIf) => 'body' in (await STORE.get('k', { onlyIf }));
     return [
       [put.key, put.size, put.etag, put.httpEtag, put.httpMetadata, put.customMetadata, put.uploaded instanceof Date, put.version.length],
       JSON.stringify(put.checksums), put.checksums.md5.byteLength,
       [...headers], await whole.text(), whole.bodyUsed, await STORE.get('missing'), await STORE.head('missing'),
       await range({ offset: 2, length: 3 }), await range({ suffix: 2 }), await range({ offset: 8 }),
       await range(new Headers({ range: 'bytes=1-2' })), (await attempt(STORE.get('k', { range: { offset: 10 } })))[1],
       await kept({ etagMatches: md5 }), await kept({ etagMatches: 'x' }), await kept({ etagDoesNotMatch: md5 }),
       await kept(new Headers({ 'if-none-match': '"' + md5 + '"' })), await kept({ uploadedAfter: new Date(Date.now() + 1e6) }),
       await STORE.put('k', 'no', { onlyIf: { etagMatches: 'x' } }),
       await STORE.put('k', 'no', { onlyIf: { etagDoesNotMatch: '*' } }),
       (await attempt(STORE.put('k', 'no', { md5 })))[1],
       await (await STORE.get('k')).text(),
     ];`,
  );
  const md5 = '781e5e245d69b566979b86e28d23f2c7';
  const http = { contentType: 'text/x', cacheControl: 'no-store' };
  expect(seen).toEqual([
    ['k', 10, md5, `"${md5}"`, http, { a: '1' }, true, 32],
    JSON.stringify({ md5 }),
    16,
    [
      ['cache-control', 'no-store'],
      ['content-type', 'text/x'],
    ],
    '0123456789',
    true,
    null,
    null,
    ['234', { offset: 2, length: 3 }],
    ['89', { offset: 8, length: 2 }],
    ['89', { offset: 8, length: 2 }],
    ['12', { offset: 1, length: 2 }],
    'The range is not satisfiable',
    true,
    false,
    false,
    false,
    false,
    null,
    null,
    'The md5 checksum of the content is not the one given',
    '0123456789',
  ]);
});

test('lists fold at a delimiter, go page by page, in the order of bytes', async () => {
  const seen = await run(
    'cloudflare',
    `for (const key of ['a', 'a-b', 'a/1', 'a/2/x', 'a0', 'b/1', 'é', '\\u{10ffff}']) await STORE.put(key, key);
     const names = ({ objects, delimitedPrefixes, truncated }) => [objects.map(({ key }) => key), delimitedPrefixes, truncated];
     const pages = [];
     let cursor;
     do { const page = await STORE.list({ delimiter: '/', limit: 2, cursor }); pages.push(names(page)); cursor = page.cursor; } while (cursor);
     await STORE.delete(['a', 'b/1', 'missing']);
     return [names(await STORE.list()), pages, names(await STORE.list({ prefix: 'a/', delimiter: '/' })), names(await STORE.list({ startAfter: 'a/2/x' }))];`,
  );
  expect(seen).toEqual([
    [['a-b', 'a/1', 'a/2/x', 'a0', 'é', '\u{10ffff}'], [], false],
    [
      [['a', 'a-b'], [], true],
      [['a0'], ['a/'], true],
      [['é'], ['b/'], true],
      [['\u{10ffff}'], [], false],
    ],
    [['a/1'], ['a/2/'], false],
    [['a0', 'é', '\u{10ffff}'], [], false],
  ]);
});

test('an upload in parts is one object in the end, or nothing', async () => {
  const seen = await run(
    'cloudflare',
    `const upload = await STORE.createMultipartUpload('big', { customMetadata: { a: 'b' } });
     const two = await STORE.resumeMultipartUpload('big', upload.uploadId).uploadPart(2, 'world');
     const one = await upload.uploadPart(1, new Response('hello ').body);
     const before = await STORE.head('big');
     const wrong = await attempt(upload.complete([{ partNumber: 1, etag: 'x' }]));
     const done = await upload.complete([one, two]);
     const aborted = await STORE.createMultipartUpload('never');
     await aborted.uploadPart(1, 'x');
     await aborted.abort();
     return [before, wrong[1], await (await STORE.get('big')).text(), done.customMetadata, done.etag.endsWith('-2'),
       (await attempt(aborted.uploadPart(1, 'x')))[1], (await attempt(STORE.resumeMultipartUpload('other', upload.uploadId).uploadPart(1, 'x')))[1],
       (await STORE.list()).objects.length];`,
  );
  expect(seen).toEqual([
    null,
    'There is no part 1 with that etag',
    'hello world',
    { a: 'b' },
    true,
    'There is no such multipart upload',
    'There is no such multipart upload',
    1,
  ]);
});

test('an object larger than the memory of its isolate streams in and out', async () => {
  const seen = await run(
    'cloudflare',
    `const MiB = new Uint8Array(1024 * 1024).fill(7);
     let left = 48;
     await STORE.put('large', new ReadableStream({ pull(c) { if (left-- > 0) c.enqueue(MiB.slice()); else c.close(); } }));
     let size = 0;
     for await (const chunk of (await STORE.get('large')).body) size += chunk.byteLength;
     return size;`,
    32 * 1024 * 1024,
  );
  expect(seen).toBe(48 * 1024 * 1024);
});

test('keys that would lead elsewhere are refused, and escapes are only names', async () => {
  const seen = await run(
    'openworkers',
    `const errors = [];
     for (const key of ['', '..', '../x', 'a/../b', '/etc/passwd', 'a//b', 'a/', './a', 'a\\0b', 'é'.repeat(513)]) {
       errors.push([(await attempt(STORE.put(key, 'x')))[0], (await attempt(STORE.get(key)))[0], (await attempt(OTHER.delete(['ok', key])))[0]].join());
     }
     errors.push((await attempt(OTHER.list({ prefix: '../' })))[0], (await attempt(OTHER.list({ startAfter: 'a/../b' })))[0], (await attempt(OTHER.list({ cursor: '!' })))[1]);
     for (const key of ['%2e%2e/x', '..%2fx', 'a\\\\..\\\\b', '...', '~', "'; drop table objects; --"]) await STORE.put(key, key);
     return [errors, (await STORE.list()).keys, await STORE.get('..%2fx')];`,
  );
  const refused = (name: string): string => [name, name, name].join();
  expect(seen).toEqual([
    [
      refused('TypeError'),
      ...Array.from({ length: 9 }, () => refused('Error')),
      'Error',
      'Error',
      'The cursor is not valid',
    ],
    ['%2e%2e/x', "'; drop table objects; --", '..%2fx', '...', 'a\\..\\b', '~'],
    '..%2fx',
  ]);
});

test('no key, no name and no id leads to the objects of another storage', async () => {
  await run('openworkers', `await STORE.put('treasure', 'x');`);
  const victim = await workers.owner.queries
    .selectFrom('storages')
    .select('id')
    .where('name', '=', `storage-${count}`)
    .executeTakeFirstOrThrow();
  const seen = await run(
    'cloudflare',
    `const proto = Object.getPrototypeOf(STORE);
     const name = async (run) => { try { return await run(); } catch (error) { return error.name; } };
     return [
       await STORE.get('treasure'), (await STORE.list()).objects.length,
       await name(() => proto.get.call(Object.create(proto), 'treasure')),
       await name(() => new STORE.constructor('${victim.id}').get('treasure')),
       await name(() => new STORE.constructor('ASSETS').put('treasure', 'x')),
       (await ASSETS.fetch('/../${victim.id}/treasure')).status,
       (await ASSETS.fetch('/%2e%2e/${victim.id}/treasure')).status,
       (await ASSETS.fetch('/..%2f${victim.id}%2ftreasure')).status,
     ];`,
  );
  expect(seen).toEqual([null, 0, 'TypeError', 'Error', 'Error', 404, 404, 404]);
});

test('a storage answers for its own tenant only, and not after it was deleted', async () => {
  const { queries } = workers.owner;
  const owner = { tenantId: workers.user.tenantId, actorId: workers.user.id };
  const name = `kept-${(count += 1)}`;
  const { id: targetId } = await createPlatformStorage(queries, { ...owner, name });
  const other = await createUser(queries, { username: name });
  const folder = await mkdtemp(join(tmpdir(), 'ow-objects-'));
  const stores = new ObjectStores({
    database: workers.runner,
    turns: new TenantTurns({ atOnce: 1, maxWaiting: 1 }),
    folder,
    clock: systemClock,
  });
  const { tenantId } = owner;
  const gone = 'There is no such storage any more';
  await expect(stores.find({ tenantId: other.tenantId, targetId })).rejects.toThrow(gone);
  expect(await (await stores.find({ tenantId, targetId })).head('k')).toBeUndefined();
  await deleteStorage(queries, { ...owner, storageId: targetId });
  await expect(stores.find({ tenantId, targetId })).rejects.toThrow(gone);
  await stores.stop();
  await rm(folder, { recursive: true });
});

test('assets are read only, with validators, ranges and types', async () => {
  const seen = await run(
    'openworkers',
    `await STORE.put('index.html', '<h1>'); await STORE.put('a/page.html', 'page'); await STORE.put('style.css', 'body{}');
     await STORE.put('blob', 'x'); await STORE.put('404.html', 'nothing here');
     const see = async (...args) => { const r = await ASSETS.fetch(...args); return [r.status, await r.text()]; };
     const home = await ASSETS.fetch('/');
     const etag = home.headers.get('etag');
     const css = await ASSETS.fetch(new Request('https://any.example/style.css?v=1'));
     const part = await ASSETS.fetch('/style.css', { headers: { range: 'bytes=0-3' } });
     return [
       [home.status, home.headers.get('content-type'), await home.text()],
       [css.status, css.headers.get('content-type'), await css.text()],
       [part.status, part.headers.get('content-range'), part.headers.get('content-length'), await part.text()],
       await see('/a/page'), await see('/nowhere'), await see('/a/'),
       await see('/', { headers: { 'if-none-match': etag } }), await see('/', { headers: { 'if-none-match': '"x"' } }),
       await see('/style.css', { headers: { range: 'bytes=50-' } }),
       await see('/', { method: 'HEAD' }),
       await see('/new', { method: 'PUT', body: 'x' }), await see('/', { method: 'DELETE' }),
       (await ASSETS.fetch('/blob')).headers.get('content-type'), await STORE.get('new'), await STORE.get('index.html'),
     ];`,
  );
  expect(seen).toEqual([
    [200, 'text/html; charset=utf-8', '<h1>'],
    [200, 'text/css; charset=utf-8', 'body{}'],
    [206, 'bytes 0-3/6', '4', 'body'],
    [200, 'page'],
    [404, 'nothing here'],
    [404, 'nothing here'],
    [304, ''],
    [200, '<h1>'],
    [416, ''],
    [200, ''],
    [405, ''],
    [405, ''],
    'application/octet-stream',
    null,
    '<h1>',
  ]);
});

test('an event may do 100 operations, assets among them, and no more', async () => {
  const seen = await run(
    'openworkers',
    `const all = await Promise.all(Array.from({ length: 101 }, (_, i) => attempt(i % 2 ? STORE.get('k') : ASSETS.fetch('/k').then((r) => r.status))));
     return [all.filter(([status]) => status === 'ok').length, all[100]];`,
  );
  expect(seen).toEqual([100, ['Error', 'Too many storage operations: one event may make 100']]);
});

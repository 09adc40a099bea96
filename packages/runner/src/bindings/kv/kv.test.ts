import { bindResource, createKvNamespace, type BindingShape } from '@openworkers/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRunner, type TestRunner } from '../../testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from '../../testing/test-workers.ts';

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

/** What the body makes of `KV` and `other` (a namespace in the other shape on the same data). */
async function run(shape: BindingShape, body: string): Promise<unknown> {
  count += 1;
  const name = `kv-${count}`;
  const code = `export default { async fetch(request, { KV, OTHER }) {
    const attempt = (promise) => promise.then((value) => ['ok', value], (error) => [error.name, error.message]);
    return Response.json((await (async () => { ${body} })()) ?? null);
  } };`;
  const id = await workers.deployBound(name, code, async ({ queries, ...key }) => {
    const namespace = await createKvNamespace(queries, { ...key, name });
    const bind = { ...key, type: 'kv' as const, targetId: namespace.id };
    const otherShape = shape === 'cloudflare' ? 'openworkers' : 'cloudflare';
    await bindResource(queries, { ...bind, key: 'KV', shape });
    await bindResource(queries, { ...bind, key: 'OTHER', shape: otherShape });
  });
  // Streaming 50 MiB takes more than the default on a busy machine.
  await workers.setCpuLimit(id, 10_000);
  const answer = await runner.call(name, { timeoutMs: 30_000 });
  expect(answer.status, answer.body).toBe(200);
  return JSON.parse(answer.body);
}

test("OpenWorkers' shape keeps JSON, texts and bytes as they are", async () => {
  const seen = await run(
    'openworkers',
    `await KV.put('json', { a: [1, null, 'é'] });
     await KV.put('null', null);
     await KV.put('text', '{"not":"parsed"}');
     await KV.put('bytes', new Uint8Array([0, 255, 254, 1]));
     await KV.put('empty', '');
     return [
       await KV.get('json'), await KV.get('null'), await KV.get('text'),
       [...new Uint8Array(await KV.get('bytes'))], await KV.get('empty'), await KV.get('missing'),
     ];`,
  );
  expect(seen).toEqual([
    { a: [1, null, 'é'] },
    null,
    '{"not":"parsed"}',
    [0, 255, 254, 1],
    '',
    null,
  ]);
});

test("Cloudflare's shape answers in every type, with metadata", async () => {
  const seen = await run(
    'cloudflare',
    `await KV.put('k', '{"a":1}', { metadata: { of: 'k' } });
     const stream = await KV.get('k', 'stream');
     return [
       await KV.get('k'), await KV.get('k', 'json'), await KV.get('k', { type: 'text' }),
       (await KV.get('k', 'arrayBuffer')).byteLength, await new Response(stream).text(),
       await KV.getWithMetadata('k', 'json'), await KV.getWithMetadata('missing'),
     ];`,
  );
  expect(seen).toEqual([
    '{"a":1}',
    { a: 1 },
    '{"a":1}',
    7,
    '{"a":1}',
    { value: { a: 1 }, metadata: { of: 'k' }, cacheStatus: null },
    { value: null, metadata: null, cacheStatus: null },
  ]);
});

test('many keys at once are a Map, in the order they were asked for', async () => {
  const seen = await run(
    'cloudflare',
    `await KV.put('a', '1'); await KV.put('b', '2', { metadata: 7 });
     return [
       [...await KV.get(['b', 'missing', 'a'], 'json')],
       [...await KV.getWithMetadata(['b'])],
       (await attempt(KV.get(['a'], 'stream')))[0],
       (await attempt(KV.get(Array(101).fill('a'))))[0],
     ];`,
  );
  expect(seen).toEqual([
    [
      ['b', 2],
      ['missing', null],
      ['a', 1],
    ],
    [['b', { value: '2', metadata: 7 }]],
    'TypeError',
    'TypeError',
  ]);
});

test('both shapes see the same entries', async () => {
  const seen = await run(
    'openworkers',
    `await KV.put('json', { a: 1 });
     await OTHER.put('text', 'from cloudflare');
     return [await OTHER.get('json', 'json'), await KV.get('text')];`,
  );
  expect(seen).toEqual([{ a: 1 }, 'from cloudflare']);
});

test('a value of 25 MiB goes in and out as a stream, and one byte more is refused', async () => {
  const seen = await run(
    'cloudflare',
    `const MiB = new Uint8Array(1024 * 1024).fill(7);
     const stream = (pieces, extra) => new ReadableStream({
       pull(controller) {
         if (pieces-- > 0) controller.enqueue(MiB);
         else { if (extra) controller.enqueue(new Uint8Array(1)); controller.close(); }
       },
     });
     await KV.put('large', stream(25));
     let size = 0;
     for await (const chunk of await KV.get('large', 'stream')) size += chunk.byteLength;
     return [size, await attempt(KV.put('larger', stream(25, true))), await KV.get('larger')];`,
  );
  const tooLarge = 'KV PUT failed: the value is larger than the limit of 26214400 bytes';
  expect(seen).toEqual([25 * 1024 * 1024, ['Error', tooLarge], null]);
});

test('lists go by prefix, in the order of bytes, page by page', async () => {
  const seen = await run(
    'cloudflare',
    `const keys = ['a%', 'a_', 'ab', 'b', 'é', 'a\\u{10ffff}x', 'A'];
     for (const key of keys) await KV.put(key, key, { metadata: { key } });
     const all = await KV.list();
     const first = await KV.list({ prefix: 'a', limit: 2 });
     const second = await KV.list({ prefix: 'a', limit: 2, cursor: first.cursor });
     const literal = await KV.list({ prefix: 'a_' });
     const names = ({ keys, list_complete }) => [keys.map(({ name }) => name).join(), list_complete];
     return [names(all), names(first), names(second), literal.keys, (await attempt(KV.list({ cursor: '!' })))[1], await OTHER.list({ prefix: 'a', limit: 3 })];`,
  );
  expect(seen).toEqual([
    ['A,a%,a_,ab,a\u{10ffff}x,b,é', true],
    ['a%,a_', false],
    ['ab,a\u{10ffff}x', true],
    [{ name: 'a_', metadata: { key: 'a_' } }],
    'KV LIST failed: the cursor is not valid',
    ['a%', 'a_', 'ab'],
  ]);
});

test('an entry ends when it is said to, and a new put without an end lifts it', async () => {
  const seen = await run(
    'cloudflare',
    `const soon = Math.floor(Date.now() / 1000) + 3600;
     await KV.put('at', 'v', { expiration: soon });
     await KV.put('past', 'v', { expiration: 1 });
     await OTHER.put('in', 'v', { expiresIn: 3600 });
     const listed = (await KV.list()).keys.map(({ name, expiration }) => [name, expiration - soon < 10]);
     await OTHER.put('in', 'v');
     return [listed, await KV.get('past'), (await KV.list({ prefix: 'in' })).keys,
       await attempt(OTHER.put('x', 'v', { expiresIn: 0.5 }))];`,
  );
  expect(seen).toEqual([
    [
      ['at', true],
      ['in', true],
    ],
    null,
    [{ name: 'in' }],
    ['Error', 'Invalid expiresIn of 0.5: it is a number of seconds, at least 1.'],
  ]);
});

test('bad keys, values and metadata are refused', async () => {
  const seen = await run(
    'cloudflare',
    `const errors = [];
     for (const key of ['', '.', '..', 'é'.repeat(257), undefined]) errors.push((await attempt(KV.get(key)))[1]);
     errors.push((await attempt(KV.put('k', {})))[0]);
     errors.push((await attempt(KV.put('k', 'v', { metadata: 'm'.repeat(1023) })))[1]);
     errors.push((await attempt(KV.put('a\\0b', 'v')))[1]);
     return errors;`,
  );
  expect(seen).toEqual([
    'Key name cannot be empty.',
    '"." is not allowed as a key name.',
    '".." is not allowed as a key name.',
    'UTF-8 encoded length of 514 exceeds key length limit of 512.',
    null,
    'TypeError',
    'Metadata length of 1025 exceeds limit of 1024.',
    'The operation is not valid',
  ]);
});

test('a writer reads what it wrote, at once', async () => {
  const seen = await run(
    'cloudflare',
    `const wrong = [];
     for (let i = 0; i < 50; i += 1) {
       // Readers that are under way while the value changes must not leave the old one behind.
       const readers = [KV.get('k'), KV.get('k')];
       await KV.put('k', String(i));
       if ((await KV.get('k')) !== String(i)) wrong.push(i);
       await Promise.all(readers);
       if ((await KV.get('k')) !== String(i)) wrong.push(i);
     }
     await KV.delete('k');
     return [wrong, await KV.get('k')];`,
  );
  expect(seen).toEqual([[], null]);
});

test('cached bytes do not use up the memory that the runner may hold', async () => {
  const body = `await KV.put('k', new Uint8Array(60 * 1024));
    let count = 0;
    for (let i = 0; i < 90; i += 1) {
      const all = await Promise.all(Array.from({ length: 10 }, () => attempt(KV.get('k', 'arrayBuffer'))));
      count += all.filter(([status]) => status === 'ok').length;
    }
    return count;`;
  // Together twice what a tenant may have under way.
  for (let event = 0; event < 3; event += 1) expect(await run('cloudflare', body)).toBe(900);
});

test('an event may do 1 000 operations, and no more', async () => {
  const seen = await run(
    'cloudflare',
    `const all = await Promise.all(Array.from({ length: 1001 }, () => attempt(KV.get('k'))));
     return [all.filter(([status]) => status === 'ok').length, all[1000]];`,
  );
  expect(seen).toEqual([1000, ['Error', 'Too many KV operations: one event may make 1000']]);
});

test('what an isolate does not take is bounded in the runner, and given back', async () => {
  const seen = await run(
    'cloudflare',
    `await KV.put('a', new Uint8Array(20 * 1024 * 1024));
     await KV.put('b', new Uint8Array(6 * 1024 * 1024));
     const many = await attempt(KV.get(['a', 'b']));
     const open = [];
     const refused = [];
     for (let i = 0; i < 5; i += 1) {
       const [status, result] = await attempt(KV.get('a', 'stream'));
       if (status !== 'ok') { refused.push(result); continue; }
       // A part of it is on its way; the rest waits in the runner.
       const reader = result.getReader();
       const first = await reader.read().then(({ value }) => value.byteLength > 0, (error) => error.message);
       if (first === true) open.push(reader); else refused.push(first);
     }
     for (const reader of open) await reader.cancel();
     const after = (await KV.get('a', 'arrayBuffer')).byteLength;
     return [many[1], open.length, refused.length, new Set(refused).size === 1 && refused[0], after];`,
  );
  expect(seen).toEqual([
    'KV GET failed: the values have together more than 26214400 bytes',
    3,
    2,
    'Too many large values are under way at once. Try again shortly',
    20 * 1024 * 1024,
  ]);
});

import { createUser, createWorker, deployVersion } from '@openworkers/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRunner, type TestRunner } from './testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';

let workers: TestWorkers;
let runner: TestRunner;

/** Runs what the request's body says, in an async function, and answers its result as JSON. */
const evaluating = `export default {
  async fetch(request, env, ctx) {
    const steps = { async run(cache, ctx) { %CODE% } };
    try {
      return Response.json((await steps.run(caches.default, ctx)) ?? null);
    } catch (error) {
      return new Response(String(error), { status: 400 });
    }
  },
};`;
let deployed = 0;

/** What the code, with \`cache\` as the default one, gives in a new worker of the first tenant. */
async function run(code: string): Promise<unknown> {
  deployed += 1;
  const name = `w${deployed}`;
  const id = await workers.create(name);
  await workers.deploy(id, evaluating.replace('%CODE%', code));
  const { status, body } = await runner.call(name);
  return status === 200 ? (JSON.parse(body) as unknown) : body;
}

const summarize = `const summarize = async (found) => found && {
  status: found.status, body: await found.text(), headers: Object.fromEntries(found.headers) };`;

beforeAll(async () => {
  workers = await openTestWorkers();
  runner = await startTestRunner({ databaseUrl: workers.test.roles.runner });
});

afterAll(async () => {
  await runner.stop();
  await workers.close();
});

describe('what was put', () => {
  test('is found again, by other workers of the tenant, too, with its age', async () => {
    const url = '"http://shop.test/a?b#c"';
    const put = await run(`await cache.put(${url}, new Response('kept', {
      status: 203, statusText: 'Fine', headers: { 'x-a': '1', 'cache-control': 'max-age=60' } }));
      const again = await cache.match(${url});
      return [again.status, again.statusText, await again.text()];`);
    expect(put).toEqual([203, 'Fine', 'kept']);
    expect(await run(`${summarize} return summarize(await cache.match(${url}));`)).toEqual({
      status: 203,
      body: 'kept',
      headers: {
        age: expect.stringMatching(/^\d$/) as unknown,
        'cache-control': 'max-age=60',
        'cf-cache-status': 'HIT',
        'content-length': '4',
        'content-type': 'text/plain;charset=UTF-8',
        'x-a': '1',
      },
    });
  });

  test('is found in its own cache only, until it is deleted', async () => {
    expect(
      await run(`const one = await caches.open('one'), two = await caches.open('two');
        const url = 'http://named.test/';
        await one.put(url, new Response('1'));
        await (await caches.open('one')).put(new Request(url), new Response('2'));
        const found = async (from) => (await (await from.match(url))?.text()) ?? null;
        const seen = [await found(one), await found(two), await found(cache)];
        return [...seen, await two.delete(url), await one.delete(url), await one.delete(url),
          await found(one)];`),
    ).toEqual(['2', null, null, false, true, false, null]);
  });

  test('comes and goes in pieces, of any length', async () => {
    expect(
      await run(`let sent = 0;
        const stream = new ReadableStream({ pull(controller) {
          if (sent === 30) return controller.close();
          controller.enqueue(new Uint8Array(100_000).fill(sent)); sent += 1;
        } });
        await cache.put('http://large.test/', new Response(stream));
        const { body, headers } = await cache.match('http://large.test/');
        let length = 0, wrong = 0, pieces = 0;
        for await (const piece of body) {
          if (piece[0] !== Math.floor(length / 100_000)) wrong += 1;
          pieces += 1; length += piece.length;
        }
        return [length, wrong, pieces > 30, headers.get('content-length')];`),
    ).toEqual([3_000_000, 0, true, '3000000']);
  });

  test('can be empty, or read twice at once, or not read at all', async () => {
    expect(
      await run(`await cache.put('http://e.test/', new Response(null));
        await cache.put('http://t.test/', new Response('x'.repeat(1_000_000)));
        const empty = await cache.match('http://e.test/');
        await cache.match('http://t.test/');
        const texts = await Promise.all([1, 2].map(async () =>
          (await (await cache.match('http://t.test/')).text()).length));
        return [await empty.text(), ...texts];`),
    ).toEqual(['', 1_000_000, 1_000_000]);
  });

  test('varies by what its Vary names', async () => {
    expect(
      await run(`const url = 'http://vary.test/';
        const ask = (language) => new Request(url, { headers: language ? { 'accept-language': language } : {} });
        const answer = (text) => new Response(text, { headers: { vary: 'Accept-Language' } });
        await cache.put(ask('de'), answer('hallo'));
        await cache.put(ask('en'), answer('hello'));
        const found = async (language) => (await (await cache.match(ask(language)))?.text()) ?? null;
        return [await found('de'), await found('en'), await found('fr'), await found()];`),
    ).toEqual(['hallo', 'hello', null, null]);
  });

  test('answers conditions and ranges', async () => {
    expect(
      await run(`const url = 'http://ranges.test/';
        await cache.put(url, new Response('0123456789', { headers: { etag: '"v1"' } }));
        const ask = async (headers) => {
          const found = await cache.match(new Request(url, { headers }));
          return [found.status, await found.text(), found.headers.get('content-range')];
        };
        return [await ask({ 'if-none-match': 'W/"v1"' }), await ask({ 'if-none-match': '"v2"' }),
          await ask({ range: 'bytes=2-4' }), await ask({ range: 'bytes=-3' }), await ask({ range: 'bytes=10-' })];`),
    ).toEqual([
      [304, '', null],
      [200, '0123456789', null],
      [206, '234', 'bytes 2-4/10'],
      [206, '789', 'bytes 7-9/10'],
      [416, '', 'bytes */10'],
    ]);
  });

  test('is asked for with GET, or with any method when that is to be ignored', async () => {
    expect(
      await run(`const post = new Request('http://method.test/', { method: 'POST', body: 'x' });
        await cache.put('http://method.test/', new Response('got'));
        const seen = [await cache.match(post), await cache.delete(post)];
        const found = await cache.match(post, { ignoreMethod: true });
        return [...seen.map(String), await found.text(), await post.text(),
          await cache.delete(post, { ignoreMethod: true })];`),
    ).toEqual(['undefined', 'false', 'got', 'x', true]);
  });
});

describe('what is not kept', () => {
  test.each([
    ['no-store', `{ headers: { 'cache-control': 'no-store' } }`],
    ['no-cache', `{ headers: { 'cache-control': 'public, No-Cache' } }`],
    ['private', `{ headers: { 'cache-control': 'private, max-age=60' } }`],
    ['max-age=0', `{ headers: { 'cache-control': 'max-age=0' } }`],
    ['an Expires in the past', `{ headers: { expires: '0' } }`],
    ['a cookie', `{ headers: { 'set-cookie': 'a=b' } }`],
    ['a failure', `{ status: 500 }`],
    ['not modified', `{ status: 304 }`],
  ])('%s: put resolves, and nothing is found', async (_name, init) => {
    expect(
      await run(`const body = (${init}).status === 304 ? null : 'x';
        await cache.put('http://unkept.test/', new Response(body, ${init}));
        return String(await cache.match('http://unkept.test/'));`),
    ).toBe('undefined');
  });

  test('more than the limit of one entry: put resolves, the stream is cancelled', async () => {
    expect(
      await run(`let sent = 0, cancelled = false;
        const stream = new ReadableStream({
          pull(controller) { sent += 1; controller.enqueue(new Uint8Array(65_536)); },
          cancel() { cancelled = true; },
        });
        await cache.put('http://endless.test/', new Response(stream));
        return [sent < 100, cancelled, String(await cache.match('http://endless.test/'))];`),
    ).toEqual([true, true, 'undefined']);
  });

  test('a body that breaks off', async () => {
    expect(
      await run(`const stream = new ReadableStream({
          start(controller) { controller.enqueue(new Uint8Array(9)); },
          pull(controller) { controller.error(new Error('broke')); },
        });
        const outcome = await cache.put('http://broken.test/', new Response(stream)).catch(String);
        return [outcome, String(await cache.match('http://broken.test/'))];`),
    ).toEqual(['Error: broke', 'undefined']);
  });

  test('a body whose event ends in the middle', async () => {
    const started = await run(`const stream = new ReadableStream({
        start(controller) { controller.enqueue(new Uint8Array(9)); } });
      void cache.put('http://unfinished.test/', new Response(stream));
      return 'answered';`);
    expect(started).toBe('answered');
    expect(await run(`return String(await cache.match('http://unfinished.test/'));`)).toBe(
      'undefined',
    );
  });
});

describe('what is wrong', () => {
  test.each([
    [
      `cache.put('http://a.test/')`,
      'TypeError: Cache.put: 2 arguments required, but only 1 present',
    ],
    [`cache.put('http://a.test/', 'text')`, 'TypeError: Not a Response'],
    [`cache.put('/relative', new Response())`, 'TypeError'],
    [`cache.put('ftp://a.test/', new Response())`, 'TypeError: Cannot cache under a URL'],
    [
      `cache.put(new Request('http://a.test/', { method: 'POST' }), new Response())`,
      'TypeError: Cannot cache response to non-GET request.',
    ],
    [
      `cache.put('http://a.test/', new Response('', { status: 206 }))`,
      'TypeError: Cannot cache response to a range',
    ],
    [
      `cache.put('http://a.test/', new Response('', { headers: { vary: 'a, *' } }))`,
      "TypeError: Cannot cache response with 'Vary: *' header.",
    ],
    [`cache.put('http://a.test/', Response.error())`, 'TypeError: Cannot cache an error response'],
    [
      `cache.match('http://a.test/', { ignoreSearch: true })`,
      'TypeError: The option ignoreSearch is not implemented',
    ],
    [`cache.matchAll('http://a.test/')`, 'Error: Cache.matchAll is not implemented'],
    [`cache.keys()`, 'Error: Cache.keys is not implemented'],
    [`cache.add('http://a.test/')`, 'Error: Cache.add is not implemented'],
    [`cache.addAll([])`, 'Error: Cache.addAll is not implemented'],
    [`caches.keys()`, 'Error: CacheStorage.keys is not implemented'],
    [`caches.has('a')`, 'Error: CacheStorage.has is not implemented'],
    [`caches.delete('a')`, 'Error: CacheStorage.delete is not implemented'],
    [`caches.match('http://a.test/')`, 'Error: CacheStorage.match is not implemented'],
    [`caches.open()`, 'TypeError: CacheStorage.open: 1 argument required, but only 0 present'],
    [`new Cache()`, 'TypeError: Illegal constructor'],
    [`Cache.prototype.match.call({}, 'http://a.test/')`, 'TypeError'],
  ])('%s rejects', async (code, message) => {
    expect(await run(`return ${code};`)).toContain(message);
  });

  test('a response whose body was read', async () => {
    expect(
      await run(`const response = new Response('x'); await response.text();
        return cache.put('http://a.test/', response);`),
    ).toContain('has already been used');
  });

  test('more calls than an event may make', async () => {
    expect(
      await run(`for (let i = 0; i < 51; i += 1) await cache.match('http://many.test/');`),
    ).toContain('Too many subrequests');
  });
});

test('another tenant finds nothing under the same URL and name', async () => {
  const { queries } = workers.owner;
  const other = await createUser(queries, { username: 'other' });
  const { tenantId, id: actorId } = other;
  const { id } = await createWorker(queries, { tenantId, actorId, name: 'theirs' });
  const code = evaluating.replace(
    '%CODE%',
    `const url = 'http://secret.test/';
     const seen = [await cache.match(url), await cache.delete(url)];
     const named = await caches.open('shared');
     seen.push(await named.match(url), await named.delete(url));
     await cache.put(url, new Response('theirs'));
     return seen.map(String);`,
  );
  await deployVersion(queries, {
    tenantId,
    actorId,
    workerId: id,
    codeType: 'javascript',
    code: Buffer.from(code),
  });
  await run(`await cache.put('http://secret.test/', new Response('ours'));
    await (await caches.open('shared')).put('http://secret.test/', new Response('ours, too'));`);
  const theirs = await runner.call('theirs');
  expect(JSON.parse(theirs.body)).toEqual(['undefined', 'false', 'undefined', 'false']);
  expect(
    await run(`const url = 'http://secret.test/';
      return [await (await cache.match(url)).text(),
        await (await (await caches.open('shared')).match(url)).text()];`),
  ).toEqual(['ours', 'ours, too']);
});

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FetchPlatform } from './testing/fetch-platform.ts';

/* Workers that fetch other workers: no connection leaves the platform. */

let platform: FetchPlatform;

beforeAll(async () => {
  platform = await FetchPlatform.start();
  await platform.deploy(
    `return Response.json({
       method: request.method, url: request.url, headers: [...request.headers],
       body: request.method === 'GET' ? '' : await request.text(),
     }, { status: 201, headers: { 'set-cookie': 'a=b', 'x-worker-own': '1' } });`,
    'mirror',
  );
});

afterAll(() => platform.stop());

const run = (body: string): Promise<unknown> => platform.run(body);

test('a worker is reached by its name on any port, and does not learn who the visitor is', async () => {
  const name = await platform.deploy(`
    const response = await fetch('http://mirror.localhost:8080/path?a=b', {
      method: 'POST', body: 'body',
      headers: {
        'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6', 'cf-connecting-ip': '6.6.6.6',
        'x-worker-id': 'forged', 'x-openworkers-tenant': 'forged', 'true-client-ip': '6.6.6.6', 'x-own': 'kept',
        host: 'forged.localhost', connection: 'x-own-too', te: 'x',
      },
    });
    return Response.json([response.status, response.type, response.headers.getSetCookie(), await response.json()]);`);
  const answer = await platform.runner.call(name, { headers: { cookie: 'visitor=1' } });
  const [status, type, cookies, seen] = JSON.parse(answer.body) as [
    number,
    string,
    string[],
    { method: string; url: string; headers: [string, string][]; body: string },
  ];
  expect([status, type, cookies]).toEqual([201, 'basic', ['a=b']]);
  expect(seen).toMatchObject({
    method: 'POST',
    url: 'http://mirror.localhost:8080/path?a=b',
    body: 'body',
  });
  expect(answer.body).not.toMatch(/6\.6\.6\.6|forged|visitor/);
  expect(seen.headers.map(([key]) => key).toSorted()).toEqual([
    'accept',
    'accept-encoding',
    'content-type',
    'host',
    'user-agent',
    'x-forwarded-proto',
    'x-own',
    'x-request-id',
  ]);
});

test('a verified custom domain is the worker, too, on the usual ports', async () => {
  const id = await platform.workers.create('shop');
  await platform.workers.deploy(id, `export default { fetch: () => new Response('shop') };`);
  await platform.workers.addDomain(id, 'shop.example.com', { isVerified: true });
  await platform.workers.addDomain(id, 'claimed.example.com', { isVerified: false });
  const result = await run(`
    return [
      await (await fetch('https://shop.example.com/')).text(),
      await (await fetch('https://SHOP.example.com./')).text(),
      await fetch('https://shop.example.com:8443/').catch((error) => error.name),
      await fetch('https://claimed.example.com/').catch((error) => error.name),
    ];`);
  expect(result).toEqual(['shop', 'shop', 'TypeError', 'TypeError']);
});

test('what is not there is an answer with a code, and no method hurts the platform', async () => {
  await platform.workers.create('undeployed');
  const result = await run(`
    const get = async (url, init) => {
      const response = await fetch(url, { headers: { accept: 'application/json' }, ...init });
      return [response.status, (await response.json()).code];
    };
    return [
      await get('http://nobody.localhost/'),
      await get('http://undeployed.localhost/'),
      await get('http://mirror.localhost/', { method: 'WITH_UNDERSCORE' }),
    ];`);
  expect(result).toEqual([
    [404, 'host_not_found'],
    [404, 'worker_not_deployed'],
    [400, 'bad_request'],
  ]);
});

test('bodies stream both ways, and compressed ones are decoded', async () => {
  const text = 'compressed '.repeat(50_000);
  await platform.deploy(
    `if (request.method === 'POST') return new Response(request.body);
     const bytes = Uint8Array.fromBase64('${gzipSync(text).toString('base64')}');
     return new Response(bytes, { headers: { 'content-encoding': 'gzip' } });`,
    'bodies',
  );
  const result = await run(`
    let left = 30;
    const body = new ReadableStream({ pull(c) { if (left-- > 0) c.enqueue(new Uint8Array(50_000)); else c.close(); } });
    const echoed = await (await fetch('http://bodies.localhost/', { method: 'POST', body, duplex: 'half' })).bytes();
    const response = await fetch('http://bodies.localhost/');
    const text = await response.text();
    const head = await fetch('http://bodies.localhost/', { method: 'HEAD' });
    return [echoed.length, response.headers.get('content-encoding'), text.length, head.body];`);
  expect(result).toEqual([1_500_000, null, text.length, null]);
});

test('workers that call each other for ever end with 508', async () => {
  await platform.deploy(
    `const depth = Number(new URL(request.url).searchParams.get('depth'));
     const other = request.url.includes('ping') ? 'pong' : 'ping';
     const response = await fetch('http://' + other + '.localhost/?depth=' + (depth + 1));
     if (response.status !== 508) return response;
     return new Response(await response.text(), { status: 508, headers: { 'x-depth': response.headers.get('x-depth') ?? String(depth) } });`,
    'ping',
  );
  await platform.deploy(
    `const depth = Number(new URL(request.url).searchParams.get('depth'));
     return fetch('http://ping.localhost/?depth=' + (depth + 1));`,
    'pong',
  );
  const answer = await platform.runner.call('ping', { path: '/?depth=0' });
  expect(answer.status).toBe(508);
  expect(answer.body).toContain('code: call_depth');
  expect(answer.headers['x-depth']).toBe('16');
});

test('one that fails is a status, and one that breaks off a broken body', async () => {
  await platform.deploy(`throw new Error('secret');`, 'throwing');
  await platform.deploy(
    `return new Response(new ReadableStream({
       start(c) { c.enqueue(new Uint8Array(4)); },
       async pull(c) { await scheduler.wait(10); throw new Error('broken'); },
     }));`,
    'breaking',
  );
  const result = await run(`
    const thrown = await fetch('http://throwing.localhost/');
    const broken = await fetch('http://breaking.localhost/');
    return [thrown.status, (await thrown.text()).includes('secret'), broken.status, await broken.text().catch(failure)];`);
  expect(result).toEqual([
    500,
    false,
    200,
    'TypeError: the response of the other worker broke off',
  ]);
});

import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestIsolate } from './testing/isolate-driver.ts';

const application = `
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { cors } from 'hono/cors';
import { getCookie, setCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import { logger } from 'hono/logger';
import { secureHeaders } from 'hono/secure-headers';
import { stream, streamSSE, streamText } from 'hono/streaming';

const app = new Hono();
app.use(logger());
app.use('/api/*', cors(), secureHeaders());
app.use('/private/*', basicAuth({ username: 'u', password: 'p' }));
app.get('/', (c) => c.text('Hello ' + c.env.NAME));
app.get('/api/items/:id', (c) => c.json({ id: c.req.param('id'), q: c.req.query('q'), all: c.req.queries('t') }));
app.post('/api/echo', async (c) => c.json(await c.req.json(), 201));
app.post('/form', async (c) => c.json(await c.req.parseBody()));
app.get('/private/x', (c) => c.text('secret'));
app.get('/cookie', (c) => { setCookie(c, 'a', getCookie(c, 'b') ?? 'none', { httpOnly: true }); return c.html('<p>'); });
app.get('/redirect', (c) => c.redirect('/there', 301));
app.get('/fail', () => { throw new HTTPException(418, { message: 'teapot' }); });
app.get('/crash', () => { throw new Error('crashed'); });
app.get('/text', (c) => streamText(c, async (out) => { await out.write('one '); await out.sleep(1); await out.writeln('two'); }));
app.get('/bytes', (c) => stream(c, async (out) => { await out.write(new Uint8Array([1, 2, 3])); await out.pipe(ReadableStream.from([new Uint8Array([4])])); }));
app.get('/sse', (c) => streamSSE(c, async (out) => { for (let id = 0; id < 2; id += 1) await out.writeSSE({ data: 'tick', event: 'e', id: String(id) }); }));
app.get('/endless', (c) => stream(c, async (out) => {
  out.onAbort(() => console.log('aborted'));
  while (!out.aborted) { await out.write('x'); await out.sleep(1); }
}));
app.get('/wait', (c) => { c.executionCtx.waitUntil(scheduler.wait(1).then(() => console.log('waited'))); return c.body(null, 204); });
export default app;
`;

let isolate: TestIsolate;

beforeAll(async () => {
  const { outputFiles } = buildSync({
    stdin: { contents: application, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'esnext',
  });
  isolate = await TestIsolate.start({
    source: outputFiles[0]?.text ?? '',
    env: [{ key: 'NAME', kind: 'text', value: 'world' }],
  });
});

afterAll(() => isolate.dispose());

function get(path: string, init: Parameters<TestIsolate['fetch']>[0] = {}) {
  return isolate.fetch({ url: `http://app.test${path}`, ...init });
}

test('routes, parameters, queries and the environment', async () => {
  expect((await get('/')).text).toBe('Hello world');
  const item = await get('/api/items/7?q=a%20b&t=1&t=2');
  expect(item.json).toEqual({ id: '7', q: 'a b', all: { q: ['a b'], t: ['1', '2'] }.t });
  expect(item.header('access-control-allow-origin')).toBe('*');
  expect(item.header('x-content-type-options')).toBe('nosniff');
  expect((await get('/nowhere')).status).toBe(404);
});

test('JSON, forms and multipart bodies', async () => {
  const echo = await get('/api/echo', {
    method: 'POST',
    headers: [['content-type', 'application/json']],
    body: ['{"a":', '[1]}'],
  });
  expect([echo.status, echo.json]).toEqual([201, { a: [1] }]);
  const form = await get('/form', {
    method: 'POST',
    headers: [['content-type', 'application/x-www-form-urlencoded']],
    body: ['a=1&b=two+words'],
  });
  expect(form.json).toEqual({ a: '1', b: 'two words' });
  const multipart = await get('/form', {
    method: 'POST',
    headers: [['content-type', 'multipart/form-data; boundary=x']],
    body: ['--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n--x--\r\n'],
  });
  expect(multipart.json).toEqual({ a: 'value' });
});

test('middleware: authentication, cookies, redirects, errors', async () => {
  expect((await get('/private/x')).status).toBe(401);
  const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`;
  const allowed = await get('/private/x', { headers: [['authorization', authorization]] });
  expect(allowed.text).toBe('secret');
  const cookie = await get('/cookie', { headers: [['cookie', 'b=7']] });
  expect(cookie.header('set-cookie')).toBe('a=7; Path=/; HttpOnly');
  const redirect = await get('/redirect');
  expect([redirect.status, redirect.header('location')]).toEqual([301, '/there']);
  const failed = await get('/fail');
  expect([failed.status, failed.text]).toEqual([418, 'teapot']);
  expect((await get('/crash')).status).toBe(500);
});

test('streaming helpers', async () => {
  expect((await get('/text')).text).toBe('one two\n');
  expect(Buffer.concat((await get('/bytes')).chunks)).toEqual(Buffer.from([1, 2, 3, 4]));
  const events = await get('/sse');
  expect(events.header('content-type')).toBe('text/event-stream');
  expect(events.text).toBe('event: e\ndata: tick\nid: 0\n\nevent: e\ndata: tick\nid: 1\n\n');
});

test('a stream ends when the client goes away', async () => {
  const event = isolate.open({ url: 'http://app.test/endless' });
  await event.until((seen) => seen.chunks.length > 1);
  await event.disconnect();
  await event.done();
  expect(isolate.logs.some(({ text }) => text === 'aborted')).toBe(true);
});

test('waitUntil through the execution context', async () => {
  const event = await (await get('/wait')).done();
  expect(event.status).toBe(204);
  expect(isolate.logs.some(({ text }) => text === 'waited')).toBe(true);
});

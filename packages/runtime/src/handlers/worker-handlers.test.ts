import { expect, test } from 'vitest';
import { TestIsolate } from '../testing/isolate-driver.ts';

async function answer(source: string): Promise<unknown[]> {
  const isolate = await TestIsolate.start({
    source,
    env: [{ key: 'NAME', kind: 'text', value: 'value' }],
  });
  const event = await (await isolate.fetch()).done();
  isolate.dispose();
  const exception = event.exceptions[0]?.message;
  return [isolate.registered, exception ?? (event.status === undefined ? 'none' : event.text)];
}

test('an object is called with itself as this', async () => {
  expect(
    await answer(`export default { answer: 42, fetch(request, env, ctx) {
      return new Response([this.answer, env.NAME, typeof ctx.waitUntil].join());
    } }`),
  ).toEqual([{ handlers: ['fetch'] }, '42,value,function']);
});

test('a WorkerEntrypoint class is made anew for each event, with env and ctx', async () => {
  expect(
    await answer(`import { WorkerEntrypoint, env } from 'cloudflare:workers';
    export default class extends WorkerEntrypoint {
      fetch(request) { return new Response([this.env === env, this.env.NAME, typeof this.ctx.waitUntil].join()); }
      scheduled() {}
    }`),
  ).toEqual([{ handlers: ['fetch', 'scheduled'] }, 'true,value,function']);
});

test('a class of its own gets ctx and env in its constructor', async () => {
  expect(
    await answer(`export default class Mine {
      constructor(ctx, env) { this.name = env.NAME; }
      fetch() { return new Response(this.name); }
    }`),
  ).toEqual([{ handlers: ['fetch'] }, 'value']);
});

test('listeners answer when there is no default export, or an empty one', async () => {
  const listener = `addEventListener('fetch', (event) => event.respondWith(new Response(event.request.method + env.NAME)));`;
  expect(await answer(listener)).toEqual([{ handlers: ['fetch'] }, 'GETvalue']);
  expect(await answer(`${listener} export default {}`)).toEqual([
    { handlers: ['fetch'] },
    'GETvalue',
  ]);
});

test('the module wins over listeners', async () => {
  expect(
    await answer(`addEventListener('fetch', (event) => event.respondWith(new Response('listener')));
    export default { fetch: () => new Response('module') }`),
  ).toEqual([{ handlers: ['fetch'] }, 'module']);
});

test.each([
  ['null', 'The default export is null'],
  ['5', 'The default export is a number'],
  [`'text'`, 'The default export is a string'],
  ['function () {}', 'The default export is a function without handlers'],
])('an unusable default export %s handles nothing', async (value, problem) => {
  expect(
    await answer(
      `addEventListener('fetch', () => {}); const value = ${value}; export default value`,
    ),
  ).toEqual([{ handlers: [], problem }, 'none']);
});

test.each([
  ['a promise', `event.respondWith(Promise.resolve(new Response('ok')))`, 'ok'],
  [
    'a late call',
    `return Promise.resolve().then(() => event.respondWith(new Response('ok')))`,
    'ok',
  ],
  ['a returned response', `return new Response('ok')`, 'ok'],
  ['a returned promise', `return Promise.resolve(new Response('ok'))`, 'ok'],
  ['a rejection', `event.respondWith(Promise.reject(new Error('no')))`, 'Error: no'],
  ['nothing', ``, 'TypeError: The handler did not return a Response'],
  [
    'two calls',
    `event.respondWith(new Response('1')); event.respondWith(new Response('2'))`,
    'InvalidStateError: respondWith() was already called',
  ],
])('a listener may answer with %s', async (_name, body, expected) => {
  const [, result] = await answer(`addEventListener('fetch', (event) => { ${body} })`);
  expect(result).toBe(expected);
});

test('env is frozen, global, and the same everywhere', async () => {
  expect(
    await answer(`import { env as imported } from 'cloudflare:workers';
    const attempts = [
      () => { env.NAME = 'changed'; }, () => { env.OTHER = 1; }, () => { globalThis.env = {}; },
      () => { delete globalThis.env; },
    ].map((attempt) => { try { attempt(); return 'allowed'; } catch { return 'refused'; } });
    export default { fetch(request, argument) {
      return new Response([argument === env, imported === env, ...attempts, env.NAME].join());
    } }`),
  ).toEqual([{ handlers: ['fetch'] }, 'true,true,refused,refused,refused,refused,value']);
});

test('waitUntil of the module belongs to the event that runs', async () => {
  const isolate = await TestIsolate.start({
    source: `import { waitUntil } from 'cloudflare:workers';
    export default { fetch() {
      waitUntil(new Promise((resolve) => setTimeout(resolve, 10)).then(() => console.log('waited')));
      return new Response();
    } }`,
  });
  await (await isolate.fetch()).done();
  expect(isolate.logs.map(({ text }) => text)).toEqual(['waited']);
  isolate.dispose();
});

test('scheduled runs get their time and cron, and end with waitUntil', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { async scheduled(controller, env, ctx) {
      controller.noRetry();
      console.log(controller.scheduledTime, controller.cron, controller.type);
      ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 10)).then(() => console.log('waited')));
    } }`,
  });
  const event = await isolate.scheduled(1_700_000_000_000, '* * * * *').done();
  expect(event.operations).toEqual(['eventDone']);
  expect(isolate.logs.map(({ text }) => text)).toEqual([
    '1700000000000 * * * * * scheduled',
    'waited',
  ]);
  isolate.dispose();
});

test('events without a handler are refused', async () => {
  const isolate = await TestIsolate.start({ source: `export default { fetch() {} }` });
  const event = await isolate.scheduled(0, '').done();
  expect(event.operations).toEqual(['noHandler', 'eventDone']);
  isolate.dispose();
});

test('a scheduled run that throws is an exception', async () => {
  const isolate = await TestIsolate.start({
    source: `addEventListener('scheduled', (event) => { throw new Error(event.cron); })`,
  });
  const event = await isolate.scheduled(0, 'cron').done();
  expect(event.exceptions[0]?.message).toBe('Error: cron');
  isolate.dispose();
});

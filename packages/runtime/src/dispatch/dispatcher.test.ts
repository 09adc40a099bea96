import { expect, test } from 'vitest';
import { TestIsolate } from '../testing/isolate-driver.ts';

function start(handler: string): Promise<TestIsolate> {
  return TestIsolate.start({ source: `export default { ${handler} }` });
}

test('an event is done when its response and all promises of waitUntil are', async () => {
  const isolate = await start(`fetch(request, env, ctx) {
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)).then(() => console.log('later')));
    return new Response('now');
  }`);
  const event = await isolate.fetch();
  expect(event.isDone).toBe(false);
  await event.done();
  expect(event.operations).toEqual(['respond', 'eventDone']);
  expect(isolate.logs.map(({ text }) => text)).toEqual(['later']);
  isolate.dispose();
});

test('a rejected waitUntil is reported and does not harm the response', async () => {
  const isolate = await start(`fetch(request, env, ctx) {
    ctx.waitUntil(Promise.reject(new RangeError('background')));
    return new Response('fine');
  }`);
  const event = await (await isolate.fetch()).done();
  expect(event.text).toBe('fine');
  expect(event.exceptions).toMatchObject([
    { message: 'RangeError: background', isBackground: true },
  ]);
  isolate.dispose();
});

test.each([
  ['a throwing handler', `fetch() { throw new RangeError('broken'); }`, 'RangeError: broken'],
  ['a rejecting handler', `async fetch() { throw new Error('late\\nlines'); }`, 'Error: late'],
  ['a thrown string', `fetch() { throw 'text'; }`, 'Uncaught "text"'],
  ['a thrown undefined', `fetch() { throw undefined; }`, 'Uncaught undefined'],
  ['a thrown object', `fetch() { throw { code: 5 }; }`, 'Uncaught { code: 5 }'],
  [
    'an error that throws when it is read',
    `fetch() { const e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw 1; } }); throw e; }`,
    'Uncaught value that cannot be described',
  ],
  [
    'a proxy that throws at everything',
    `fetch() { throw new Proxy({}, { get() { throw 1; }, ownKeys() { throw 1; }, getPrototypeOf() { throw 1; } }); }`,
    'Uncaught [an object that cannot be inspected]',
  ],
  [
    'a rejecting thenable',
    `fetch() { return { then(resolve, reject) { reject(new Error('thenable')); } }; }`,
    'Error: thenable',
  ],
])('%s is an exception with one line', async (_name, handler, message) => {
  const isolate = await start(handler);
  const event = await (await isolate.fetch()).done();
  expect(event.exceptions.map((exception) => exception.message)).toEqual([message]);
  expect(event.operations).toEqual(['exception', 'eventDone']);
  isolate.dispose();
});

test('the stack of an exception names the worker, its causes follow', async () => {
  const isolate = await start(
    `fetch() { throw new Error('outer', { cause: new TypeError('inner') }); }`,
  );
  const event = await (await isolate.fetch()).done();
  const stack = event.exceptions[0]?.stack ?? '';
  expect(stack).toMatch(/^Error: outer\n +at .*fetch.*worker\.js:1:/);
  expect(stack).toContain('[cause]: TypeError: inner');
  isolate.dispose();
});

test('a thenable may stand for a promise of a response', async () => {
  const isolate = await start(
    `fetch() { return { then(resolve) { resolve(new Response('ok')); } }; }`,
  );
  expect((await isolate.fetch()).text).toBe('ok');
  isolate.dispose();
});

test('passThroughOnException is told to the sandbox', async () => {
  const isolate = await start(
    `fetch(request, env, ctx) { ctx.passThroughOnException(); throw 1; }`,
  );
  const event = await (await isolate.fetch()).done();
  expect(event.operations).toEqual(['passThroughOnException', 'exception', 'eventDone']);
  isolate.dispose();
});

test('requests to one isolate interleave, module state stays', async () => {
  const isolate = await TestIsolate.start({
    source: `let count = 0; const waiting = [];
    export default { async fetch(request) {
      count += 1;
      const mine = count;
      if (count < 3) await new Promise((resolve) => waiting.push(resolve));
      else waiting.forEach((resume) => resume());
      return new Response(mine + ' of ' + count);
    } }`,
  });
  const events = [isolate.open(), isolate.open(), isolate.open()];
  const texts = await Promise.all(events.map(async (event) => (await event.done()).text));
  expect(texts).toEqual(['1 of 3', '2 of 3', '3 of 3']);
  isolate.dispose();
});

test('timers of a request end with it', async () => {
  const isolate = await start(`async fetch(request) {
    if (request.url.endsWith('/wait')) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return new Response('waited');
    }
    setTimeout(() => console.log('must not happen'), 10);
    setInterval(() => console.log('must not happen'), 5);
    return new Response('first');
  }`);
  await (await isolate.fetch()).done();
  await (await isolate.fetch({ url: 'http://a.test/wait' })).done();
  expect(isolate.logs).toEqual([]);
  isolate.dispose();
});

test('the sandbox can end an event: nothing of it is heard any more', async () => {
  const isolate = await start(`async fetch(request, env, ctx) {
    ctx.waitUntil(new Promise(() => {}));
    setInterval(() => console.log('tick'), 5);
    return new Response(new ReadableStream({
      pull() { return new Promise(() => {}); },
      cancel(reason) { console.log('cancelled', reason.message); },
    }));
  }`);
  const event = isolate.open();
  await event.until((seen) => seen.status === 200);
  await event.end();
  const after = event.operations.length;
  expect(isolate.logs.at(-1)?.text).toBe('cancelled The event was ended');
  const lines = isolate.logs.length;
  await (await isolate.open().until((seen) => seen.status === 200)).end();
  expect(event.operations.length).toBe(after);
  expect(isolate.logs.slice(lines).every(({ text }) => text !== 'tick')).toBe(true);
  isolate.dispose();
});

test('a response stream is produced only as far as the window allows', async () => {
  const isolate = await TestIsolate.start({
    source: `let pulled = 0;
    export default { fetch() {
      return new Response(new ReadableStream({
        pull(controller) { pulled += 1; console.log(pulled); controller.enqueue(new Uint8Array(1000)); },
      }, { highWaterMark: 0 }));
    } }`,
    options: { responseWindowBytes: 2500 },
  });
  const event = isolate.open({ takeBytes: 0 });
  await event.until((seen) => seen.chunks.length === 3);
  await event.credit(400);
  expect(event.chunks).toHaveLength(3);
  await event.credit(200);
  await event.until((seen) => seen.chunks.length === 4);
  expect(isolate.logs).toHaveLength(4);
  isolate.dispose();
});

test('when the client goes away the response stream is cancelled and the event ends', async () => {
  const isolate = await start(`fetch(request, env, ctx) {
    return new Response(new ReadableStream({
      start(controller) { controller.enqueue(new Uint8Array(1)); },
      cancel(reason) { console.log('cancelled', reason.message); },
    }));
  }`);
  const event = isolate.open();
  await event.until((seen) => seen.chunks.length === 1);
  await event.disconnect();
  await event.done();
  expect(isolate.logs.map(({ text }) => text)).toEqual(['cancelled The client has disconnected']);
  expect(event.operations).toEqual(['respond', 'responseChunk', 'eventDone']);
  isolate.dispose();
});

test('what is left of an event that is over changes nothing', async () => {
  const isolate = await TestIsolate.start({
    source: `let left;
    export default { fetch(request, env, ctx) {
      if (left !== undefined) {
        left.ctx.waitUntil(Promise.reject(new Error('stale')));
        return left.request.text().then((text) => new Response(text), (error) => new Response(error.message));
      }
      left = { ctx, request };
      return new Response('first');
    } }`,
  });
  const first = await (await isolate.fetch({ method: 'POST', body: ['x'] })).done();
  const second = await (await isolate.fetch()).done();
  expect(second.text).toBe('The event is over');
  expect(first.operations).toEqual(['respond', 'eventDone']);
  isolate.dispose();
});

test('says how long a large text is, in UTF-8', async () => {
  const source = `export default { fetch: () => new Response('aü'.repeat(2_500_000)) };`;
  const isolate = await TestIsolate.start({ source });
  try {
    const event = await isolate.fetch();
    const size = event.chunks.reduce((total, chunk) => total + chunk.length, 0);
    expect([event.header('content-length'), size]).toEqual(['7500000', 7_500_000]);
  } finally {
    isolate.dispose();
  }
});

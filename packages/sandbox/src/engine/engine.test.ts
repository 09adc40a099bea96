import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { bundleTestRuntime, TestEngine, type TestEngineOptions } from './testing/test-engine.ts';
import type { RequestBodySink, RequestBodySource } from './worker-engine.ts';

const runtimeScript = bundleTestRuntime();
const engines: TestEngine[] = [];

function start(options: Omit<TestEngineOptions, 'runtimeScript'>): TestEngine {
  const engine = new TestEngine({ runtimeScript, ...options });
  engines.push(engine);
  return engine;
}

function worker(body: string): string {
  return `export default { async fetch(request, env, ctx) { ${body} } }`;
}

afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

/** A body that is all there, and what the worker's side did with it. */
class TestBody implements RequestBodySource {
  readonly pulls: number[] = [];
  isCancelled = false;
  sink: RequestBodySink | undefined;
  readonly #chunks: Uint8Array[];

  constructor(...chunks: Uint8Array[]) {
    this.#chunks = chunks;
  }

  start(sink: RequestBodySink): void {
    this.sink = sink;
  }

  pull(bytes: number): void {
    this.pulls.push(bytes);
    for (const chunk of this.#chunks.splice(0)) this.sink?.chunk(chunk);
    this.sink?.end();
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

describe('a request', () => {
  test('is answered by the worker with its env and module exports', async () => {
    const engine = start({
      workers: {
        hello: `import { env } from 'cloudflare:workers';
          const ready = await Promise.resolve('ready');
          export default { fetch(request, given) {
            return new Response([request.method, new URL(request.url).pathname,
              request.headers.get('x-a'), env.GREETING, given.GREETING, ready].join(' '),
              { status: 201, headers: { 'x-b': 'c' } });
          } }`,
      },
    });
    const answer = await engine.fetch('hello', {
      method: 'POST',
      url: 'http://hello.localhost/path?x',
      headers: { 'X-A': 'b' },
    });
    expect(answer).toMatchObject({
      status: 201,
      body: 'POST /path b hello hello ready',
      isComplete: true,
      failure: undefined,
      outcome: { handle: 'hello#1', outcome: 'ok', isCold: true },
    });
    expect(answer.headers).toContain('x-b\nc');
    const second = await engine.fetch('hello');
    expect(second.outcome).toMatchObject({ handle: 'hello#1', isCold: false });
  });

  test('can digest small and large data, in its handler and in module scope', async () => {
    const engine = start({
      workers: {
        hello: `const hex = (buffer) => new Uint8Array(buffer).toHex();
          const atStart = hex(await crypto.subtle.digest('SHA-1', new Uint8Array(1)));
          export default { async fetch() {
            const small = await crypto.subtle.digest('SHA-256', new Uint8Array([97, 98, 99]));
            const large = await crypto.subtle.digest({ name: 'sha-512' }, new Uint8Array(100_000));
            return Response.json([atStart, hex(small), hex(large)]);
          } }`,
      },
    });
    const answer = await engine.fetch('hello');
    const expected = [
      createHash('sha1').update(new Uint8Array(1)),
      createHash('sha256').update('abc'),
      createHash('sha512').update(new Uint8Array(100_000)),
    ];
    expect(answer.body).toBe(JSON.stringify(expected.map((hash) => hash.digest('hex'))));
  });

  test('many requests for a version that is not loaded share one load', async () => {
    const engine = start({ workers: { hello: worker('return new Response("hi");') } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => engine.fetch('hello')));
    expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, () => 'hi'));
    expect(engine.loads).toBe(1);
  });

  test('without a handler for it fails as NoHandler', async () => {
    const engine = start({ workers: { none: 'export default {}' } });
    expect(await engine.fetch('none')).toMatchObject({
      failure: 'NoHandler',
      outcome: { outcome: 'NoHandler' },
    });
  });

  test('fails as Exception when the handler throws, and the stack goes to the log', async () => {
    const engine = start({ workers: { bad: worker('throw new TypeError("no such luck");') } });
    expect(await engine.fetch('bad')).toMatchObject({
      failure: 'Exception',
      outcome: { outcome: 'Exception' },
    });
    expect(engine.logs).toMatchObject([
      { handle: 'bad#1', requestId: 'request-bad', level: 'error' },
    ]);
    expect(engine.logs[0]?.message).toContain('no such luck');
    expect(engine.logs[0]?.stack).toContain('worker.js:1');
  });

  test('unhandled rejections are logged with their stack and end nothing', async () => {
    const engine = start({
      workers: {
        loose: worker('Promise.reject(new Error("loose")); return new Response("fine");'),
      },
    });
    expect(await engine.fetch('loose')).toMatchObject({ body: 'fine', outcome: { outcome: 'ok' } });
    await until(
      () => engine.logs.length > 0,
      () => 'a log record',
    );
    expect(engine.logs[0]).toMatchObject({ level: 'error', requestId: 'request-loose' });
    expect(engine.logs[0]?.message).toContain('loose');
    expect(engine.logs[0]?.stack).toContain('worker.js:1');
    expect(engine.logs[0]?.stack).not.toContain('file:');
  });

  test('console lines carry level and request', async () => {
    const engine = start({
      workers: { talk: worker('console.warn("careful", 1); return new Response();') },
    });
    await engine.fetch('talk');
    expect(engine.logs).toMatchObject([
      { level: 'warn', message: 'careful 1', requestId: 'request-talk' },
    ]);
  });

  test('fails as unavailable when its code cannot be loaded', async () => {
    const engine = start({ workers: {} });
    expect(await engine.fetch('missing')).toMatchObject({
      failure: 'unavailable',
      outcome: { handle: undefined },
    });
  });
});

describe('a worker that does not start', () => {
  test.each([
    ['a syntax error', 'export default {', 'SyntaxError'],
    ['an error at module scope', 'throw new RangeError("early");', 'early'],
    ['an error after a top-level await', 'await null; throw new RangeError("late");', 'late'],
    ['an unknown import', 'import "fs"; export default {};', "Cannot find module 'fs'"],
  ])('%s is logged once and remembered for a while', async (_, code, message) => {
    const engine = start({ workers: { broken: code } });
    const answers = await Promise.all([engine.fetch('broken'), engine.fetch('broken')]);
    answers.push(await engine.fetch('broken'));
    expect(answers.map(({ failure }) => failure)).toEqual(['Exception', 'Exception', 'Exception']);
    expect(engine.loads).toBe(1);
    expect(engine.logs).toHaveLength(1);
    expect(engine.logs[0]?.message).toContain(message);
  });

  test('is tried again later', async () => {
    const engine = start({ workers: { broken: 'throw 1' } });
    await engine.fetch('broken');
    engine.workers['broken'] = worker('return new Response("mended");');
    await until(
      async () => (await engine.fetch('broken')).body === 'mended',
      () => 'the mended worker',
    );
  });

  test('is ended when its start takes too much CPU', async () => {
    const engine = start({ workers: { slow: 'while (true);' }, limits: { startupCpuMs: 50 } });
    expect(await engine.fetch('slow')).toMatchObject({ failure: 'CpuTimeLimit' });
  });
});

describe('a response stream', () => {
  const source = worker(`
    let sent = 0;
    return new Response(new ReadableStream({
      pull(controller) {
        if (sent === 40) return controller.close();
        sent += 1;
        controller.enqueue(new Uint8Array(32 * 1024).fill(65));
      },
    }));`);

  test('waits for the client at its window and goes on with credit', async () => {
    const engine = start({ workers: { stream: source } });
    let received = 0;
    let isTaking = false;
    const request = engine.fetch('stream', {
      onChunk: (bytes, event) => {
        received += bytes;
        if (isTaking) queueMicrotask(() => event.credit(bytes));
      },
    });
    await until(
      () => received >= 256 * 1024,
      () => 'a full window',
    );
    await engine.fetch('stream', { onHead: (event) => event.disconnect() });
    expect(received).toBeLessThan(256 * 1024 + 33 * 1024);
    isTaking = true;
    request.event.credit(received);
    expect(await request).toMatchObject({ isComplete: true, outcome: { outcome: 'ok' } });
    expect(received).toBe(40 * 32 * 1024);
  });

  test('is cut when it errors', async () => {
    const engine = start({
      workers: {
        broken: worker(`return new Response(new ReadableStream({
          start(c) { c.enqueue(new Uint8Array(1)); }, pull() { throw new Error("broken"); } }));`),
      },
    });
    expect(await engine.fetch('broken')).toMatchObject({ status: 200, isComplete: false });
  });

  test('of a whole body larger than the window goes out in pieces', async () => {
    const engine = start({ workers: { large: worker('return new Response("é".repeat(1e6));') } });
    let received = 0;
    let most = 0;
    const request = engine.fetch('large', {
      onChunk: (bytes, event) => {
        received += bytes;
        most = Math.max(most, bytes);
        queueMicrotask(() => event.credit(bytes));
      },
    });
    expect(await request).toMatchObject({ isComplete: true });
    expect(received).toBe(2e6);
    expect(most).toBeLessThanOrEqual(300 * 1024);
  });

  test.each([
    ['text', 'return new Response("aé€😀".repeat(1e6));', 10e6],
    ['bytes', 'return new Response(new Uint8Array(7e6 + 1).fill(97));', 7e6 + 1],
  ])('of much %s stays in the isolate until the client takes it', async (kind, code, size) => {
    const engine = start({ workers: { large: worker(code) }, limits: { cpuMs: 10_000 } });
    const pieces: Uint8Array[] = [];
    let waitingBytes = 0;
    let mostWaiting = 0;
    const answer = await engine.fetch('large', {
      onBytes: (bytes, event) => {
        pieces.push(new Uint8Array(bytes));
        waitingBytes += bytes.byteLength;
        mostWaiting = Math.max(mostWaiting, waitingBytes);
        setImmediate(() => {
          waitingBytes -= bytes.byteLength;
          event.credit(bytes.byteLength);
        });
      },
    });
    expect(answer).toMatchObject({ isComplete: true });
    const body = Buffer.concat(pieces);
    expect(body.byteLength).toBe(size);
    expect(mostWaiting).toBeLessThan(400 * 1024);
    const expected = kind === 'text' ? 'aé€😀'.repeat(1e6) : 'a'.repeat(size);
    expect(body.equals(Buffer.from(expected))).toBe(true);
  });

  test('of much text that nobody reads is memory of its worker, not of the sandbox', async () => {
    const engine = start({
      workers: { large: worker('return new Response("x".repeat(40e6));') },
      limits: { cpuMs: 60_000, idleMs: 2_000 },
    });
    const before = process.memoryUsage.rss();
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
    const requests = Array.from({ length: 8 }, () =>
      engine.fetch('large', { onBytes: () => undefined }),
    );
    const answers = await Promise.all(requests);
    clearInterval(timer);
    expect(answers.filter(({ isComplete }) => isComplete)).toEqual([]);
    expect(most - before).toBeLessThan(350e6);
  });

  test('ends after its idle limit without a byte', async () => {
    const engine = start({
      workers: {
        still: worker(
          'return new Response(new ReadableStream({ pull() { return new Promise(() => {}); } }));',
        ),
      },
      limits: { idleMs: 100 },
    });
    expect(await engine.fetch('still')).toMatchObject({
      status: 200,
      isComplete: false,
      outcome: { outcome: 'WallClockTimeout' },
    });
  });
});

describe('a request body', () => {
  test('is read as the worker asks for it', async () => {
    const engine = start({
      workers: { echo: worker('return new Response(await request.text());') },
    });
    const body = new TestBody(new TextEncoder().encode('one '), new TextEncoder().encode('two'));
    const answer = await engine.fetch('echo', { method: 'POST', body });
    expect(answer.body).toBe('one two');
    expect(body.pulls.length).toBeGreaterThan(0);
  });

  test('that nobody reads is cancelled', async () => {
    const engine = start({ workers: { lazy: worker('return new Response("done");') } });
    const body = new TestBody(new Uint8Array(10));
    await engine.fetch('lazy', { method: 'POST', body });
    expect(body.isCancelled).toBe(true);
    expect(body.pulls).toEqual([]);
  });

  test('over the limit ends the request as too large', async () => {
    const engine = start({
      workers: { echo: worker('return new Response(await request.text());') },
    });
    const body = new TestBody();
    body.pull = () => body.sink?.error('too_large');
    expect(await engine.fetch('echo', { method: 'POST', body })).toMatchObject({
      failure: 'body_too_large',
    });
  });

  test('that breaks off rejects in the worker', async () => {
    const engine = start({
      workers: {
        echo: worker(
          'return new Response(await request.text().catch((e) => `caught ${e.message}`));',
        ),
      },
    });
    const body = new TestBody();
    body.pull = () => body.sink?.error('aborted');
    expect((await engine.fetch('echo', { method: 'POST', body })).body).toContain('caught');
  });
});

describe('limits of time', () => {
  test('a worker that never answers ends at the wall limit and lives on', async () => {
    const engine = start({
      workers: {
        wait: worker(
          'if (request.url.endsWith("quick")) return new Response("q"); await new Promise(() => {});',
        ),
      },
      limits: { wallMs: 100 },
    });
    expect(await engine.fetch('wait')).toMatchObject({
      failure: 'WallClockTimeout',
      outcome: { outcome: 'WallClockTimeout', handle: 'wait#1' },
    });
    const next = await engine.fetch('wait', { url: 'http://x/quick' });
    expect(next.outcome).toMatchObject({ outcome: 'ok', handle: 'wait#1' });
  });

  test('waitUntil work goes on after the response and is dropped at its limit', async () => {
    const engine = start({
      workers: {
        late: worker(`ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)).then(() => console.log("late")));
          if (request.url.endsWith("never")) ctx.waitUntil(new Promise(() => {}));
          return new Response("now");`),
      },
      limits: { waitUntilMs: 200 },
    });
    const answer = await engine.fetch('late');
    expect(answer).toMatchObject({ body: 'now', outcome: { outcome: 'ok' } });
    expect(engine.logs).toMatchObject([{ message: 'late' }]);
    const dropped = await engine.fetch('late', { url: 'http://x/never' });
    expect(dropped).toMatchObject({ body: 'now', outcome: { outcome: 'ok' } });
    expect(engine.logs.at(-1)).toMatchObject({ level: 'warn' });
  });

  test('an event over its CPU limit ends its isolate; siblings are retired, the next runs', async () => {
    const engine = start({
      workers: {
        mixed: worker(`if (request.url.endsWith("spin")) while (true);
          if (request.url.endsWith("wait")) await new Promise(() => {});
          return new Response("fine");`),
      },
    });
    await engine.fetch('mixed');
    const sibling = engine.fetch('mixed', { url: 'http://x/wait' });
    const spinning = engine.fetch('mixed', { url: 'http://x/spin' });
    expect((await spinning).outcome.outcome).toBe('CpuTimeLimit');
    expect(await sibling).toMatchObject({
      failure: 'Retired',
      outcome: { outcome: 'Retired', handle: 'mixed#1' },
    });
    expect((await engine.fetch('mixed')).outcome.handle).toBe('mixed#2');
  });

  test('CPU adds up over all slices of an event', async () => {
    const engine = start({
      workers: {
        slices: worker(`for (;;) {
          const until = Date.now() + 5;
          for (let i = 0; i < 3e6; i += 1);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }`),
      },
    });
    const { failure, outcome } = await engine.fetch('slices');
    expect(failure).toBe('CpuTimeLimit');
    expect(outcome.cpuMs).toBeGreaterThan(80);
  });
});

describe('limits of number', () => {
  const waiting = worker(
    'if (request.url.endsWith("wait")) await new Promise((r) => setTimeout(r, 300)); return new Response("done");',
  );

  test('over the concurrency limit requests are refused as Busy', async () => {
    const engine = start({ workers: { wait: waiting }, limits: { concurrency: 3 } });
    await engine.fetch('wait');
    const requests = Array.from({ length: 5 }, () =>
      engine.fetch('wait', { url: 'http://x/wait' }),
    );
    const answers = await Promise.all(requests);
    expect(answers.map(({ failure }) => failure)).toEqual([
      undefined,
      undefined,
      undefined,
      'Busy',
      'Busy',
    ]);
    expect((await engine.fetch('wait')).body).toBe('done');
  });

  test('a crowd that only computes is served in turn', async () => {
    const engine = start({ workers: { quick: waiting }, limits: { concurrency: 3 } });
    const answers = await Promise.all(Array.from({ length: 100 }, () => engine.fetch('quick')));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['done']));
  });

  test('a crowd larger than the queue is refused', async () => {
    const engine = start({
      workers: { a: waiting, b: waiting, c: waiting, d: waiting, e: waiting },
    });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const answers = await Promise.all(
      names.flatMap((name) => Array.from({ length: 300 }, () => engine.fetch(name))),
    );
    const failures = answers.map(({ failure }) => failure);
    expect(failures.filter((failure) => failure === 'Busy').length).toBe(3 * 50);
    expect(failures.filter((failure) => failure === 'Overloaded').length).toBe(50 + 300);
    expect(failures.filter((failure) => failure === undefined).length).toBe(1000);
  });

  test('over the limit of open streams requests are refused as Busy', async () => {
    const engine = start({
      workers: {
        open: worker(
          'return new Response(new ReadableStream({ pull() { return new Promise(() => {}); } }));',
        ),
      },
      limits: { openStreams: 2 },
    });
    const heads: unknown[] = [];
    const open = [1, 2].map(() => engine.fetch('open', { onHead: (event) => heads.push(event) }));
    await until(
      () => heads.length === 2,
      () => 'two open streams',
    );
    expect((await engine.fetch('open')).failure).toBe('Busy');
    for (const { event } of open) event.disconnect();
    await Promise.all(open);
    const third = engine.fetch('open', { onHead: (event) => event.disconnect() });
    expect((await third).status).toBe(200);
  });
});

describe('a client that goes', () => {
  test('is seen by the worker, whose event ends', async () => {
    const engine = start({
      workers: {
        wait: worker(`console.log("here");
          request.signal.addEventListener("abort", () => console.log("gone"));
          await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
          return new Response();`),
      },
    });
    const request = engine.fetch('wait');
    await until(
      () => engine.logs.length === 1,
      () => 'the worker to run',
    );
    request.event.disconnect();
    await request;
    expect(engine.logs).toMatchObject([{ message: 'here' }, { message: 'gone' }]);
    expect(engine.engine.activeEvents).toBe(0);
  });
});

test('only so many isolates run at the same time', async () => {
  const names = Array.from({ length: 45 }, (_, index) => `spin${index}`);
  const engine = start({
    workers: Object.fromEntries(names.map((name) => [name, worker('while (true);')])),
    limits: { cpuMs: 30 },
  });
  const answers = await Promise.all(names.map((name) => engine.fetch(name)));
  expect(new Set(answers.map(({ failure }) => failure))).toEqual(new Set(['CpuTimeLimit']));
  const most = Math.max(...engine.running.map((handles) => handles.length));
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(32);
}, 60_000);

describe('isolates', () => {
  const counting = `let count = 0; ${worker('count += 1; return new Response(`${count}`);')}`;

  test('are retired with their worker or environment once their events are done', async () => {
    const engine = start({
      workers: {
        count: counting,
        wait: worker('await new Promise((r) => setTimeout(r, 50)); return new Response("old");'),
      },
    });
    expect((await engine.fetch('count')).body).toBe('1');
    expect((await engine.fetch('count')).body).toBe('2');
    engine.engine.retireWorker('count');
    expect((await engine.fetch('count')).body).toBe('1');
    engine.engine.retireEnvironment('env');
    expect((await engine.fetch('count')).body).toBe('1');
    await engine.fetch('wait');
    const running = engine.fetch('wait');
    engine.engine.retireWorker('wait');
    expect(await running).toMatchObject({
      body: 'old',
      outcome: { outcome: 'ok', handle: 'wait#4' },
    });
  });

  test('that are idle are evicted least recently used when memory is short', async () => {
    const workers = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, counting]));
    const engine = start({ workers, memoryBudgetBytes: 7 * 1024 * 1024 });
    await engine.fetch('a');
    await engine.fetch('b');
    await engine.fetch('a');
    await engine.fetch('c');
    expect((await engine.fetch('a')).body).toBe('3');
    expect((await engine.fetch('b')).body).toBe('1');
  });

  test('end at once when the engine is disposed', async () => {
    const engine = start({ workers: { wait: worker('await new Promise(() => {});') } });
    const request = engine.fetch('wait');
    await until(
      () => engine.loads === 1 && engine.engine.activeEvents === 1,
      () => 'the event',
    );
    engine.dispose();
    expect((await request).failure).toBe('Retired');
  });
});

import { expect, test } from 'vitest';
import { evaluateInIsolate, TestIsolate } from '../testing/isolate-driver.ts';

async function handle(body: string, request: Parameters<TestIsolate['fetch']>[0]) {
  const isolate = await TestIsolate.start({
    source: `export default { async fetch(request, env, ctx) { ${body} } }`,
  });
  const event = await (await isolate.fetch(request)).done();
  isolate.dispose();
  return event;
}

test('a request shows method, URL, headers and cf', async () => {
  const event = await handle(
    `return Response.json([request.method, request.url, request.headers.get('x-a'), [...request.headers],
      request.cf, request.cf === request.cf, request.body, request.redirect, request.signal.aborted])`,
    {
      method: 'DELETE',
      url: 'http://a.test/p?q',
      headers: [
        ['Host', 'a.test'],
        ['X-A', '1'],
        ['x-a', '2'],
      ],
      cf: { country: 'NZ' },
    },
  );
  expect(event.json).toEqual([
    'DELETE',
    'http://a.test/p?q',
    '1, 2',
    [
      ['host', 'a.test'],
      ['x-a', '1, 2'],
    ],
    { country: 'NZ' },
    true,
    null,
    'manual',
    false,
  ]);
});

test.each([
  ['http://a.test/x/../y', 'http://a.test/y'],
  ['http://a.test/%2e%2E/y', 'http://a.test/y'],
  ['http://a.test/./y', 'http://a.test/y'],
  ['http://A.test/y', 'http://a.test/y'],
  ['http://a.test:80/y', 'http://a.test/y'],
  ['https://a.test:443/y', 'https://a.test/y'],
  ['http://a.test:8080/y', 'http://a.test:8080/y'],
  ['http://127.1/y', 'http://127.0.0.1/y'],
  [`http://a.test/'"<>`, `http://a.test/'%22%3C%3E`],
  ['http://a.test/a?b=c%2E../d', 'http://a.test/a?b=c%2E../d'],
  ['http://a.test/.well-known/x', 'http://a.test/.well-known/x'],
])('the URL %s reads %s', async (url, expected) => {
  const event = await handle('return new Response(request.url)', { url });
  expect(event.text).toBe(expected);
});

test('a body is read as text, JSON or bytes, whatever its pieces are', async () => {
  const body = ['{"a":"h', Uint8Array.from([0xc3]), Uint8Array.from([0xa9]), '"}'];
  const text = await handle('return new Response(await request.text())', { method: 'POST', body });
  expect(text.text).toBe('{"a":"hé"}');
  const json = await handle('return Response.json((await request.json()).a)', {
    method: 'POST',
    body,
  });
  expect(json.json).toBe('hé');
  const bytes = await handle('return Response.json([...await request.bytes()])', {
    method: 'POST',
    body: [Uint8Array.from([0, 255]), Uint8Array.from([1])],
  });
  expect(bytes.json).toEqual([0, 255, 1]);
  const empty = await handle('return Response.json([await request.text(), request.bodyUsed])', {
    method: 'POST',
    body: [],
  });
  expect(empty.json).toEqual(['', true]);
});

test('a body can be read as a stream and sent back as it comes', async () => {
  const event = await handle('return new Response(request.body)', {
    method: 'POST',
    body: ['one', 'two', 'three'],
  });
  expect(event.chunks.map((chunk) => Buffer.from(chunk).toString())).toEqual([
    'one',
    'two',
    'three',
  ]);
});

test('a body that nobody reads is not asked for', async () => {
  const event = await handle('return new Response("x")', { method: 'POST', body: ['data'] });
  expect(event.operations).toEqual(['respond', 'eventDone']);
});

test('no more of a body is asked for than the window, until it is read', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { async fetch(request) {
      const reader = request.body.getReader();
      await reader.read();
      await new Promise(() => {});
    } }`,
  });
  const piece = new Uint8Array(65_536);
  const event = isolate.open({ method: 'POST', body: Array.from({ length: 64 }, () => piece) });
  await event.until((seen) => seen.operations.length > 0 && seen.pulledBytes <= 0);
  // The window of 256 KiB, and one chunk that was read.
  expect(event.sentBytes).toBeLessThanOrEqual(262_144 + 2 * 65_536);
  isolate.dispose();
});

test('cancelling the stream of a body tells the sandbox', async () => {
  const event = await handle(
    'await request.body.cancel(); return new Response(String(request.bodyUsed))',
    { method: 'POST', body: ['data'] },
  );
  expect(event.operations).toEqual(['cancelRequestBody', 'respond', 'eventDone']);
  expect(event.text).toBe('true');
});

test('a body that breaks off rejects what reads it', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { async fetch(request) {
      return Response.json(await request.text().catch((error) => [error.constructor.name, error.message]));
    } }`,
  });
  const event = isolate.open({ method: 'POST', body: ['never'], holdBody: true });
  await event.until((seen) => seen.operations.includes('pullRequestBody'));
  await event.breakRequest('too large');
  await event.completed();
  expect(event.json).toEqual(['TypeError', 'too large']);
  isolate.dispose();
});

test('a second reading rejects, a clone can be read beside the original', async () => {
  const event = await handle(
    `const copy = request.clone();
    const both = await Promise.all([request.text(), copy.text()]);
    return Response.json([both, await request.text().catch((error) => error.constructor.name)])`,
    { method: 'POST', body: ['ab', 'cd'] },
  );
  expect(event.json).toEqual([['abcd', 'abcd'], 'TypeError']);
});

test('a request made of a request takes its body over', async () => {
  const event = await handle(
    `const next = new Request(request);
    return Response.json([next.url, next.method, request.bodyUsed, next.bodyUsed, await next.text()])`,
    { method: 'PUT', url: 'http://a.test/', body: ['data'] },
  );
  expect(event.json).toEqual(['http://a.test/', 'PUT', true, false, 'data']);
});

test('a request can serve as the init of another', async () => {
  const event = await handle(
    `const next = new Request('http://b.test/', request);
    return Response.json([next.url, next.method, next.headers.get('a'), await next.text(), request.bodyUsed])`,
    { method: 'PUT', headers: [['a', 'b']], body: ['data'] },
  );
  expect(event.json).toEqual(['http://b.test/', 'PUT', 'b', 'data', true]);
});

test('the signal aborts when the client goes away', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { fetch(request, env, ctx) {
      return new Promise((resolve) => request.signal.addEventListener('abort', () => {
        console.log('aborted', request.signal.aborted, request.signal.reason.name);
        resolve(new Response());
      }));
    } }`,
  });
  const event = isolate.open();
  await event.disconnect();
  await event.done();
  expect(isolate.logs.map(({ text }) => text)).toEqual(['aborted true AbortError']);
  isolate.dispose();
});

test('wrong inits throw a TypeError', async () => {
  const result = await evaluateInIsolate(`
    const url = 'http://a.test/';
    const failures = [];
    for (const attempt of [
      () => new Request(),
      () => new Request('/relative'),
      () => new Request('http://user:password@a.test/'),
      () => new Request(url, { method: 'A B' }),
      () => new Request(url, { method: 'TRACE' }),
      () => new Request(url, { body: 'x' }),
      () => new Request(url, { method: 'HEAD', body: 'x' }),
      () => new Request(url, { mode: 'navigate' }),
      () => new Request(url, { mode: 'wrong' }),
      () => new Request(url, { cache: 'only-if-cached' }),
      () => new Request(url, { redirect: 'wrong' }),
      () => new Request(url, { signal: {} }),
      () => new Request(url, { window: 1 }),
      () => new Request(url, { referrer: 'http://:/' }),
      () => new Request(url, 1),
      () => Request.prototype.method,
    ]) {
      try { attempt(); failures.push(String(attempt)); } catch (error) {
        if (!(error instanceof TypeError)) failures.push(String(error));
      }
    }
    return failures;
  `);
  expect(result).toEqual([]);
});

test('inits are taken over, methods normalised, content types derived', async () => {
  const result = await evaluateInIsolate(`
    const controller = new AbortController();
    const first = new Request('HTTP://A.test/x#y', {
      method: 'post', body: 'text', redirect: 'error', headers: { a: 'b' }, signal: controller.signal,
      keepalive: true, cf: { a: 1 },
    });
    const second = new Request(first, { method: 'patch' });
    controller.abort('reason');
    return [
      [first.method, first.url, first.redirect, first.headers.get('content-type'), first.keepalive, first.cf],
      [second.method, second.redirect, second.headers.get('a'), second.cf, await second.text(), first.bodyUsed],
      [first.signal.aborted, first.signal.reason, second.signal.aborted, second.signal.reason],
      [new Request('http://a.test').method, new Request('http://a.test').url],
      [second.clone === Request.prototype.clone, first.signal === first.signal],
    ];
  `);
  expect(result).toEqual([
    ['POST', 'http://a.test/x#y', 'error', 'text/plain;charset=UTF-8', true, { a: 1 }],
    ['patch', 'error', 'b', { a: 1 }, 'text', true],
    [true, 'reason', true, 'reason'],
    ['GET', 'http://a.test/'],
    [true, true],
  ]);
});

test('keepalive is not for a body that is a stream', async () => {
  const result = await evaluateInIsolate(`
    const init = { method: 'POST', keepalive: true };
    try { new Request('http://a/', { ...init, body: new ReadableStream() }); return 'made'; }
    catch (error) { return error.name + new Request('http://a/', { ...init, body: 'text' }).keepalive; }`);
  expect(result).toBe('TypeErrortrue');
});

import { expect, test } from 'vitest';
import { evaluateInIsolate, TestIsolate } from '../testing/isolate-driver.ts';

async function respondWith(expression: string) {
  const isolate = await TestIsolate.start({
    source: `export default { fetch(request, env, ctx) { return ${expression}; } }`,
  });
  const event = await (await isolate.fetch()).done();
  isolate.dispose();
  return event;
}

test('a string body is sent as text with the default content type', async () => {
  const event = await respondWith(`new Response('h\u00e9llo \u{1f600}')`);
  expect(event.status).toBe(200);
  expect(event.headers).toEqual([['content-type', 'text/plain;charset=UTF-8']]);
  expect(event.bodyKind).toBe(1);
  expect(event.text).toBe('héllo 😀');
  expect(event.operations).toEqual(['respond', 'eventDone']);
});

test('status, statusText and repeated headers are sent', async () => {
  const event = await respondWith(
    `new Response(null, { status: 418, headers: [['a', '1'], ['set-cookie', 'x'], ['set-cookie', 'y']] })`,
  );
  expect(event.status).toBe(418);
  expect(event.bodyKind).toBe(0);
  expect(event.headers).toEqual([
    ['a', '1'],
    ['set-cookie', 'x'],
    ['set-cookie', 'y'],
  ]);
});

test('bytes are sent as bytes, exactly those of the view', async () => {
  const event = await respondWith(`new Response(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))`);
  expect(event.headers).toEqual([]);
  expect(event.bodyKind).toBe(2);
  expect(Buffer.concat(event.chunks)).toEqual(Buffer.from([2, 3]));
});

test('a stream is sent chunk by chunk', async () => {
  const event = await respondWith(`new Response(new ReadableStream({
    start(controller) { controller.enqueue(new Uint8Array([97])); },
    async pull(controller) { await null; controller.enqueue(new Uint8Array([98])); controller.close(); },
  }))`);
  expect(event.bodyKind).toBe(3);
  expect(event.text).toBe('ab');
  expect(event.operations).toEqual([
    'respond',
    'responseChunk',
    'responseChunk',
    'responseEnd',
    'eventDone',
  ]);
});

test('Response.json, redirect and error make what the standard says', async () => {
  const result = await evaluateInIsolate(`
    const json = Response.json({ a: [1] }, { status: 201, headers: { x: 'y' } });
    const moved = Response.redirect('http://a.test/b c?d', 308);
    const error = Response.error();
    return [
      [json.status, await json.text(), json.headers.get('content-type'), json.headers.get('x')],
      [moved.status, moved.headers.get('location'), moved.body],
      [error.status, error.type, error.ok],
      Response.json('x', { headers: { 'content-type': 'a/b' } }).headers.get('content-type'),
    ];
  `);
  expect(result).toEqual([
    [201, '{"a":[1]}', 'application/json', 'y'],
    [308, 'http://a.test/b%20c?d', null],
    [0, 'error', false],
    'a/b',
  ]);
});

test('a wrong init throws what the standard says', async () => {
  const result = await evaluateInIsolate(`
    const thrown = (attempt) => { try { attempt(); return 'nothing'; } catch (error) { return error.constructor.name; } };
    return [
      thrown(() => new Response('', { status: 199 })),
      thrown(() => new Response('', { status: 600 })),
      thrown(() => new Response('', { statusText: 'a\\nb' })),
      thrown(() => new Response('', { statusText: '\\u0100' })),
      thrown(() => new Response('x', { status: 204 })),
      thrown(() => new Response(null, { status: 204 })),
      thrown(() => new Response('', 1)),
      thrown(() => Response.redirect('/relative')),
      thrown(() => Response.redirect('http://a.test', 200)),
      thrown(() => Response.json(undefined)),
      thrown(() => Response.json(Symbol('x'))),
    ];
  `);
  expect(result).toEqual([
    'RangeError',
    'RangeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'nothing',
    'TypeError',
    'TypeError',
    'RangeError',
    'TypeError',
    'TypeError',
  ]);
});

test('a body is read once, in any form', async () => {
  const result = await evaluateInIsolate(`
    const response = new Response('{"a":1}');
    const before = response.bodyUsed;
    const value = await response.json();
    const again = await response.text().catch((error) => error.constructor.name);
    const bytes = await new Response('\\ufeffhé').bytes();
    return [
      before, value, response.bodyUsed, again,
      [...bytes],
      await new Response('\\ufeffhé').text(),
      (await new Response(new Uint8Array([1, 2])).arrayBuffer()).byteLength,
      await new Response().text(),
      await new Response().json().catch((error) => error.constructor.name),
      await new Response(12).text(),
      await Response.prototype.text.call({}).catch((error) => error.constructor.name),
    ];
  `);
  expect(result).toEqual([
    false,
    { a: 1 },
    true,
    'TypeError',
    [0xef, 0xbb, 0xbf, 104, 0xc3, 0xa9],
    'hé',
    2,
    '',
    'SyntaxError',
    '12',
    'TypeError',
  ]);
});

test('a clone has the same content, also of a stream', async () => {
  const result = await evaluateInIsolate(`
    const response = new Response(new ReadableStream({
      start(controller) { controller.enqueue(new Uint8Array([1, 2])); controller.close(); },
    }), { status: 202, headers: { a: 'b' } });
    const copy = response.clone();
    copy.headers.set('a', 'c');
    const used = new Response('x');
    await used.text();
    let refused; try { used.clone(); } catch (error) { refused = error.constructor.name; }
    return [copy.status, response.headers.get('a'), [...await response.bytes()], [...await copy.bytes()], refused];
  `);
  expect(result).toEqual([202, 'b', [1, 2], [1, 2], 'TypeError']);
});

test('body is one stream that counts as used once it is read', async () => {
  const result = await evaluateInIsolate(`
    const response = new Response('abc');
    const same = response.body === response.body;
    const chunks = [];
    for await (const chunk of response.body) chunks.push(...chunk);
    const locked = new Response('x'); locked.body.getReader();
    return [same, chunks, response.bodyUsed, locked.bodyUsed,
      await locked.text().catch((error) => error.constructor.name), new Response().body];
  `);
  expect(result).toEqual([true, [97, 98, 99], true, false, 'TypeError', null]);
});

test.each([
  ['undefined', 'undefined'],
  ['a string', `'text'`],
  ['an error response', 'Response.error()'],
  ['a used response', `(() => { const r = new Response('x'); r.text(); return r; })()`],
])('%s as the result is an exception', async (_name, expression) => {
  const event = await respondWith(expression);
  expect(event.status).toBeUndefined();
  expect(event.exceptions).toHaveLength(1);
  expect(event.exceptions[0]?.message).toMatch(/^TypeError: /);
  expect(event.exceptions[0]?.isBackground).toBe(false);
});

test('a chunk that is not a Uint8Array ends the response with an error', async () => {
  const event = await respondWith(`new Response(new ReadableStream({
    start(controller) { controller.enqueue('text'); },
  }))`);
  expect(event.operations).toEqual(['respond', 'exception', 'responseError', 'eventDone']);
  expect(event.exceptions[0]?.message).toContain('Uint8Array');
});

test('a stream that fails half-way ends the response with an error', async () => {
  const event = await respondWith(`new Response(new ReadableStream({
    start(controller) { controller.enqueue(new Uint8Array(1)); },
    pull() { throw new Error('lost'); },
  }))`);
  expect(event.operations).toEqual([
    'respond',
    'responseChunk',
    'exception',
    'responseError',
    'eventDone',
  ]);
  expect(event.exceptions[0]?.message).toBe('Error: lost');
});

test('a body that was read is a stream that stays locked', async () => {
  const result = await evaluateInIsolate(`
    const attempts = {};
    for (const method of ['text', 'json', 'bytes', 'arrayBuffer', 'blob']) {
      const response = new Response('1');
      await response[method]();
      try { response.body.getReader(); attempts[method] = 'read'; }
      catch (error) { attempts[method] = error.name; }
    }
    return attempts;`);
  expect(result).toEqual({
    text: 'TypeError',
    json: 'TypeError',
    bytes: 'TypeError',
    arrayBuffer: 'TypeError',
    blob: 'TypeError',
  });
});

test('methods of bodies have their names and are no constructors', async () => {
  const result = await evaluateInIsolate(`
    return ['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'].map((name) =>
      [Request, Response].map(({ prototype }) => prototype[name].name + ('prototype' in prototype[name])));`);
  const names = ['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'];
  expect(result).toEqual(names.map((name) => [`${name}false`, `${name}false`]));
});

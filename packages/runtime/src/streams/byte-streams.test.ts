import { expect, test } from 'vitest';
import { evaluateInIsolate, TestIsolate } from '../testing/isolate-driver.ts';

test('a byte stream fills the buffers that readers bring', async () => {
  const result = await evaluateInIsolate(`
    const stream = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3, 4, 5])); c.close(); } });
    const reader = stream.getReader({ mode: 'byob' });
    const own = new Uint8Array(3);
    const first = await reader.read(own);
    const second = await reader.read(new DataView(new ArrayBuffer(8), 2, 4));
    const last = await reader.read(new Uint8Array(4));
    return [own.byteLength, [...first.value], second.value.byteLength, second.value.byteOffset, second.value.getUint8(1), last.done, last.value.byteLength];
  `);
  expect(result).toEqual([0, [1, 2, 3], 2, 2, 5, true, 0]);
});

test('a source can write into the buffer of the request', async () => {
  const result = await evaluateInIsolate(`
    let pulls = 0;
    const stream = new ReadableStream({ type: 'bytes', pull(controller) {
      const request = controller.byobRequest;
      pulls += 1;
      request.view[0] = pulls; request.view[1] = pulls;
      if (pulls === 2) { request.respondWithNewView(request.view.subarray(0, 1)); return; }
      request.respond(2);
      if (request.view !== null) throw new Error('still usable');
    } });
    const reader = stream.getReader({ mode: 'byob' });
    return [[...(await reader.read(new Uint8Array(4))).value], [...(await reader.read(new Uint8Array(4))).value]];
  `);
  expect(result).toEqual([[1, 1], [2]]);
});

test('whole elements are delivered, the rest waits', async () => {
  const result = await evaluateInIsolate(`
    let controller;
    const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
    const reader = stream.getReader({ mode: 'byob' });
    const pending = reader.read(new Uint16Array(4));
    controller.enqueue(new Uint8Array([1]));
    controller.enqueue(new Uint8Array([0, 2]));
    const first = await pending;
    const rest = reader.read(new Uint8Array(4));
    const second = await rest;
    const minimum = reader.read(new Uint8Array(8), { min: 3 });
    controller.enqueue(new Uint8Array([7]));
    controller.enqueue(new Uint8Array([8, 9]));
    return [[...first.value], [...second.value], [...(await minimum).value]];
  `);
  expect(result).toEqual([[1], [2], [7, 8, 9]]);
});

test('closing within an element fails', async () => {
  const result = await evaluateInIsolate(`
    let controller;
    const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
    const pending = stream.getReader({ mode: 'byob' }).read(new Uint16Array(1)).catch((error) => error.constructor.name);
    controller.enqueue(new Uint8Array([1]));
    let thrown; try { controller.close(); } catch (error) { thrown = error.constructor.name; }
    return [thrown, await pending];
  `);
  expect(result).toEqual(['TypeError', 'TypeError']);
});

test('default readers work too, with buffers allocated for them', async () => {
  const result = await evaluateInIsolate(`
    const stream = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 8, pull(controller) {
      const { byobRequest } = controller;
      byobRequest.view.fill(byobRequest.view.byteLength);
      byobRequest.respond(2);
    } });
    const reader = stream.getReader();
    const first = await reader.read();
    reader.releaseLock();
    const second = await stream.getReader({ mode: 'byob' }).read(new Uint8Array(1)).catch((error) => error.constructor.name);
    return [[...first.value], second.done === false];
  `);
  expect(result).toEqual([[8, 8], false]);
});

test('a released reader leaves its half-filled buffer to the next', async () => {
  const result = await evaluateInIsolate(`
    let controller;
    const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
    const first = stream.getReader({ mode: 'byob' });
    const lost = first.read(new Uint16Array(2)).catch((error) => error.constructor.name);
    controller.enqueue(new Uint8Array([1]));
    first.releaseLock();
    const second = stream.getReader();
    const read = second.read();
    controller.enqueue(new Uint8Array([2]));
    const values = [...(await read).value, ...(await second.read()).value];
    return [await lost, values];
  `);
  expect(result).toEqual(['TypeError', [1, 2]]);
});

test('the branches of a byte stream are byte streams with bytes of their own', async () => {
  const result = await evaluateInIsolate(`
    const stream = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2])); c.enqueue(new Uint8Array([3])); c.close(); } });
    const [left, right] = stream.tee();
    const reader = left.getReader({ mode: 'byob' });
    const one = (await reader.read(new Uint8Array(1))).value;
    one[0] = 99;
    const all = [];
    for await (const chunk of right) all.push(...chunk);
    const rest = [];
    for (;;) { const { value, done } = await reader.read(new Uint8Array(8)); if (done) break; rest.push(...value); }
    return [[...one], all, rest];
  `);
  expect(result).toEqual([[99], [1, 2, 3], [2, 3]]);
});

test('wrong views, chunks and answers are refused', async () => {
  const result = await evaluateInIsolate(`
    let controller;
    const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
    const thrown = (attempt) => { try { attempt(); return 'allowed'; } catch (error) { return error.constructor.name; } };
    const before = [
      thrown(() => controller.enqueue('text')), thrown(() => controller.enqueue(new Uint8Array(0))),
      thrown(() => new ReadableStream().getReader({ mode: 'byob' })), thrown(() => stream.getReader({ mode: 'other' })),
      thrown(() => new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 0 })), thrown(() => new ReadableStream({ type: 'bytes' }, { size() {} })),
      thrown(() => new ReadableByteStreamController()), thrown(() => new ReadableStreamBYOBRequest()), controller.byobRequest,
    ];
    const reader = stream.getReader({ mode: 'byob' });
    const failed = (promise) => promise.then(() => 'ok', (error) => error.constructor.name);
    const detached = new Uint8Array(1); structuredClone(detached, { transfer: [detached.buffer] });
    const after = [
      await failed(reader.read()), await failed(reader.read(new Uint8Array(0))), await failed(reader.read(detached)),
      await failed(reader.read(new Uint8Array(2), { min: 3 })), await failed(reader.read(new Uint8Array(2), { min: 0 })),
    ];
    void reader.read(new Uint8Array(2)).catch(() => {});
    const request = controller.byobRequest;
    return [before, after, thrown(() => request.respond(0)), thrown(() => request.respond(3)), thrown(() => request.respond(-1)), thrown(() => request.respond(1)), thrown(() => request.respond(1))];
  `);
  expect(result).toEqual([
    [...Array.from({ length: 5 }, () => 'TypeError'), 'RangeError', 'TypeError', 'TypeError', null],
    ['TypeError', 'TypeError', 'TypeError', 'RangeError', 'TypeError'],
    'TypeError',
    'RangeError',
    'TypeError',
    'allowed',
    'TypeError',
  ]);
});

test('the bodies of requests and responses are byte streams', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { async fetch(request) {
      const reader = request.body.getReader({ mode: 'byob' });
      const sizes = [];
      for (;;) {
        const { value, done } = await reader.read(new Uint8Array(4));
        if (done) break;
        sizes.push(value.byteLength);
      }
      const body = new Response('abc').body.getReader({ mode: 'byob' });
      return Response.json([sizes, [...(await body.read(new Uint8Array(2))).value]]);
    } }`,
  });
  const event = await (await isolate.fetch({ method: 'POST', body: ['hello', 'world'] })).done();
  const [sizes, start] = event.json as [number[], number[]];
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(10);
  expect(start).toEqual([97, 98]);
  isolate.dispose();
});

import { expect, test } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

test('a stream pulls when it is read, up to its high-water mark', async () => {
  const result = await evaluateInIsolate(`
    let pulled = 0;
    const stream = new ReadableStream({ pull(controller) { pulled += 1; controller.enqueue(pulled); } }, { highWaterMark: 2 });
    await scheduler.wait(1);
    const before = pulled;
    const reader = stream.getReader();
    const first = await reader.read();
    await scheduler.wait(1);
    return [before, first, pulled];
  `);
  expect(result).toEqual([2, { value: 1, done: false }, 3]);
});

test('a stream that is closed, errored or cancelled ends its reads accordingly', async () => {
  const result = await evaluateInIsolate(`
    let controller; let reason;
    const make = () => new ReadableStream({ start(c) { controller = c; }, cancel(r) { reason = r; } });
    const closing = make().getReader(); const pending = closing.read(); controller.close();
    const failing = make().getReader(); const failed = failing.read().catch((error) => 'read ' + error); controller.error('bad');
    const stream = make(); await stream.cancel('why');
    return [await pending, await failed, await failing.closed.catch((error) => 'closed ' + error), reason,
      await stream.getReader().read(), await closing.closed];
  `);
  expect(result).toEqual([{ done: true }, 'read bad', 'closed bad', 'why', { done: true }, null]);
});

test('a reader locks its stream until it is released', async () => {
  const result = await evaluateInIsolate(`
    const stream = new ReadableStream();
    const reader = stream.getReader();
    const attempts = [() => stream.getReader(), () => stream.tee(), () => stream[Symbol.asyncIterator]()];
    const refused = attempts.map((attempt) => { try { attempt(); return 'allowed'; } catch (error) { return error.constructor.name; } });
    const cancelled = await stream.cancel().catch((error) => error.constructor.name);
    const pending = reader.read().catch((error) => error.constructor.name);
    reader.releaseLock();
    return [refused, cancelled, stream.locked, await pending, await reader.read().catch((error) => error.constructor.name)];
  `);
  expect(result).toEqual([
    ['TypeError', 'TypeError', 'TypeError'],
    'TypeError',
    false,
    'TypeError',
    'TypeError',
  ]);
});

test('a stream can be iterated, leaving early cancels it unless that is prevented', async () => {
  const result = await evaluateInIsolate(`
    const cancelled = [];
    const make = (name) => new ReadableStream({
      pull(c) { c.enqueue(name); }, cancel() { cancelled.push(name); },
    }, { highWaterMark: 0 });
    const seen = [];
    for await (const chunk of make('a')) { seen.push(chunk); break; }
    const kept = make('b');
    for await (const chunk of kept.values({ preventCancel: true })) { seen.push(chunk); break; }
    const iterator = ReadableStream.from([1, 2])[Symbol.asyncIterator]();
    const both = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    return [seen, cancelled, kept.locked, both];
  `);
  expect(result).toEqual([
    ['a', 'b'],
    ['a'],
    false,
    [{ value: 1, done: false }, { value: 2, done: false }, { done: true }],
  ]);
});

test('both branches of a tee get every chunk; the source is cancelled when both are', async () => {
  const result = await evaluateInIsolate(`
    let reason;
    const stream = new ReadableStream({
      start(c) { c.enqueue('x'); c.enqueue('y'); }, cancel(r) { reason = r; },
    });
    const [left, right] = stream.tee();
    const [a, b] = [left.getReader(), right.getReader()];
    const chunks = [await a.read(), await b.read(), await b.read(), await a.read()].map(({ value }) => value);
    const first = a.cancel('one');
    await scheduler.wait(1);
    const early = reason === undefined;
    await Promise.all([first, b.cancel('two')]);
    return [chunks, early, reason];
  `);
  expect(result).toEqual([['x', 'x', 'y', 'y'], true, ['one', 'two']]);
});

test('from() reads iterables, async iterables, and promises in either', async () => {
  const result = await evaluateInIsolate(`
    const all = async (stream) => { const seen = []; for await (const chunk of stream) seen.push(chunk); return seen; };
    let returned;
    const closing = ReadableStream.from({ [Symbol.iterator]() { return { next: () => ({ value: 1, done: false }), return(r) { returned = r; return {}; } }; } });
    await closing.cancel('enough');
    return [
      await all(ReadableStream.from(['a', Promise.resolve('b')])),
      await all(ReadableStream.from((async function* () { yield 1; yield 2; })())),
      await all(ReadableStream.from('hi')),
      returned,
      await all(ReadableStream.from((async function* () { throw new Error('source'); })())).catch((error) => error.message),
      (() => { try { ReadableStream.from(5); } catch (error) { return error.constructor.name; } })(),
    ];
  `);
  expect(result).toEqual([['a', 'b'], [1, 2], ['h', 'i'], 'enough', 'source', 'TypeError']);
});

test('a writable stream writes in order and shows back-pressure', async () => {
  const result = await evaluateInIsolate(`
    const written = []; let finish;
    const stream = new WritableStream({
      write(chunk) { written.push(chunk); return new Promise((resolve) => { finish = resolve; }); },
      close() { written.push('closed'); },
    }, { highWaterMark: 2 });
    const writer = stream.getWriter();
    await writer.ready;
    const sizes = [writer.desiredSize];
    const writes = [writer.write('a'), writer.write('b')];
    sizes.push(writer.desiredSize);
    let isReady = false; writer.ready.then(() => { isReady = true; });
    await scheduler.wait(1);
    const wasReady = isReady;
    finish(); await writes[0]; await scheduler.wait(1);
    finish(); await writes[1];
    await writer.close();
    return [sizes, wasReady, isReady, written, await writer.closed];
  `);
  expect(result).toEqual([[2, 0], false, true, ['a', 'b', 'closed'], null]);
});

test('aborting a writable stream rejects what waits and tells the sink and its signal', async () => {
  const result = await evaluateInIsolate(`
    const seen = [];
    const stream = new WritableStream({
      start(controller) { controller.signal.addEventListener('abort', () => seen.push('signal ' + controller.signal.reason)); },
      write() { return new Promise(() => {}); },
      abort(reason) { seen.push('abort ' + reason); },
    });
    const writer = stream.getWriter();
    await writer.ready;
    const waiting = writer.write('b').catch((error) => 'write ' + error);
    const failing = new WritableStream({ write() { throw new Error('sink'); } }).getWriter();
    const failed = await failing.write('x').catch((error) => error.message);
    const closed = await failing.closed.catch((error) => error.message);
    void writer.abort('stop');
    await scheduler.wait(1);
    return [seen, failed, closed];
  `);
  expect(result).toEqual([['signal stop'], 'sink', 'sink']);
});

test('piping closes, errors and cancels the other end', async () => {
  const result = await evaluateInIsolate(`
    const log = [];
    const sink = (name) => new WritableStream({
      write(chunk) { log.push(name + ' ' + chunk); }, close() { log.push(name + ' closed'); }, abort(r) { log.push(name + ' aborted ' + r); },
    });
    await ReadableStream.from(['a', 'b']).pipeTo(sink('one'));
    const failing = new ReadableStream({ start(c) { c.error('source failed'); } });
    const failure = await failing.pipeTo(sink('two')).catch((error) => error);
    const controller = new AbortController();
    let cancelled;
    const endless = new ReadableStream({ pull(c) { c.enqueue('x'); return scheduler.wait(1); }, cancel(r) { cancelled = r; } });
    const piping = endless.pipeTo(new WritableStream({ abort(r) { log.push('three aborted ' + r); } }), { signal: controller.signal });
    await scheduler.wait(5);
    controller.abort('enough');
    const aborted = await piping.catch((error) => error);
    const kept = sink('four');
    await ReadableStream.from(['z']).pipeTo(kept, { preventClose: true });
    return [log, failure, aborted, cancelled, kept.locked];
  `);
  expect(result).toEqual([
    ['one a', 'one b', 'one closed', 'two aborted source failed', 'three aborted enough', 'four z'],
    'source failed',
    'enough',
    'enough',
    false,
  ]);
});

test('a transform stream transforms, flushes, and passes errors both ways', async () => {
  const result = await evaluateInIsolate(`
    const all = async (stream) => { const seen = []; for await (const chunk of stream) seen.push(chunk); return seen; };
    const double = new TransformStream({
      transform(chunk, controller) { controller.enqueue(chunk); controller.enqueue(chunk * 10); },
      flush(controller) { controller.enqueue('end'); },
    });
    const broken = new TransformStream({ transform() { throw new Error('transform'); } });
    const writer = broken.writable.getWriter();
    const write = writer.write(1).catch((error) => error.message);
    const read = await broken.readable.getReader().read().catch((error) => error.message);
    const ended = new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk); controller.terminate(); } });
    return [
      await all(ReadableStream.from([1, 2]).pipeThrough(double)),
      [read, await write],
      await all(ReadableStream.from([1, 2, 3]).pipeThrough(ended)),
      await all(ReadableStream.from(['same']).pipeThrough(new TransformStream())),
    ];
  `);
  expect(result).toEqual([[1, 10, 2, 20, 'end'], ['transform', 'transform'], [1], ['same']]);
});

test('an identity transform stream takes bytes only, a fixed-length one so many', async () => {
  const result = await evaluateInIsolate(`
    const bytes = (...values) => new Uint8Array(values);
    const write = async (stream, ...chunks) => {
      const writer = stream.writable.getWriter();
      const outcome = (async () => { for (const chunk of chunks) await writer.write(chunk); await writer.close(); return 'ok'; })().catch((error) => error.constructor.name);
      const read = await new Response(stream.readable).bytes().then((all) => [...all], (error) => error.constructor.name);
      return [await outcome, read];
    };
    return [
      await write(new IdentityTransformStream(), bytes(1, 2), bytes(3).buffer),
      await write(new IdentityTransformStream(), 'text'),
      await write(new FixedLengthStream(3), bytes(1), bytes(2, 3)),
      await write(new FixedLengthStream(1), bytes(1, 2)),
      await write(new FixedLengthStream(3), bytes(1)),
      (() => { try { new FixedLengthStream(-1); } catch (error) { return error.constructor.name; } })(),
    ];
  `);
  expect(result).toEqual([
    ['ok', [1, 2, 3]],
    ['TypeError', 'TypeError'],
    ['ok', [1, 2, 3]],
    ['TypeError', 'TypeError'],
    ['TypeError', 'TypeError'],
    'RangeError',
  ]);
});

test('strategies measure chunks', async () => {
  const result = await evaluateInIsolate(`
    const sizes = [];
    const stream = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(3)); sizes.push(c.desiredSize); } }, new ByteLengthQueuingStrategy({ highWaterMark: 10 }));
    const counted = new WritableStream({ write() { return new Promise(() => {}); } }, new CountQueuingStrategy({ highWaterMark: 3 })).getWriter();
    counted.write('x').catch(() => {});
    sizes.push(counted.desiredSize);
    const failures = [() => new ReadableStream({}, { highWaterMark: -1 }), () => new ReadableStream({}, { highWaterMark: NaN }),
      () => new ReadableStream({ type: 'wrong' }), () => new ReadableStream(null), () => new WritableStream({ type: 'bytes' }), () => new CountQueuingStrategy({}),
      () => new ReadableStreamDefaultController(), () => new TransformStream({ readableType: 'x' })];
    return [sizes, failures.map((attempt) => { try { attempt(); return 'allowed'; } catch (error) { return error.constructor.name; } })];
  `);
  expect(result).toEqual([
    [7, 2],
    [
      'RangeError',
      'RangeError',
      'TypeError',
      'TypeError',
      'RangeError',
      'TypeError',
      'TypeError',
      'RangeError',
    ],
  ]);
});

test('aborting without a reason gives the sink an AbortError as its signal has it', async () => {
  const result = await evaluateInIsolate(`
    let given; let signal;
    const stream = new WritableStream({ start(c) { signal = c.signal; }, abort(reason) { given = [reason]; } });
    await stream.abort();
    return [signal.reason instanceof DOMException, signal.reason.name, given.length, given[0] === undefined];
  `);
  expect(result).toEqual([true, 'AbortError', 1, true]);
});

test('the streams read no option from a patched Object.prototype', async () => {
  const result = await evaluateInIsolate(`
    const read = [];
    for (const name of ['size', 'highWaterMark', 'type', 'start', 'autoAllocateChunkSize', 'preventCancel']) {
      Object.defineProperty(Object.prototype, name, { get() { read.push(name); }, configurable: true });
    }
    const branches = new ReadableStream().tee();
    const copies = new Blob(['text']).stream().tee();
    ReadableStream.from(['chunk']);
    return [read, branches.length + copies.length];
  `);
  expect(result).toEqual([[], 4]);
});

test('the source is pulled once more when the iterator is left right after a chunk was asked for', async () => {
  const result = await evaluateInIsolate(`
    let pulled = 0;
    const iterator = new ReadableStream({ pull(c) { c.enqueue(pulled); pulled += 1; } }).values();
    return [await Promise.all([iterator.next(), iterator.return('left')]), pulled];
  `);
  expect(result).toEqual([
    [
      { value: 0, done: false },
      { value: 'left', done: true },
    ],
    2,
  ]);
});

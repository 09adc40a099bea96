import { expect, test } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

const helpers = `
  const name = async (run) => { try { return await run(); } catch (error) { return error?.name ?? error; } };
  const move = (stream) => structuredClone(stream, { transfer: [stream] });
`;

test('a transferred readable stream gives copies of the chunks, and locks the original', async () => {
  const result = await evaluateInIsolate(`${helpers}
    class Mine extends ReadableStream {}
    const chunk = { n: 1 };
    let cancelled;
    const original = new Mine({ pull(c) { c.enqueue(chunk); }, cancel(reason) { cancelled = reason; } }, { highWaterMark: 0 });
    const moved = move(original);
    const reader = moved.getReader();
    const { value } = await reader.read();
    await reader.cancel({ why: 1 });
    return [moved.constructor === ReadableStream, original.locked, value, value !== chunk, cancelled,
      await name(() => move(original)), await name(() => move(moved))];
  `);
  expect(result).toEqual([
    true,
    true,
    { n: 1 },
    true,
    { why: 1 },
    'DataCloneError',
    'DataCloneError',
  ]);
});

test('the end, an error and a chunk that cannot be cloned reach both ends of a readable stream', async () => {
  const result = await evaluateInIsolate(`${helpers}
    const ended = move(new ReadableStream({ start(c) { c.enqueue('last'); c.close(); } })).getReader();
    const failed = move(new ReadableStream({ start(c) { c.error(new RangeError('bad')); } })).getReader();
    let cancelled;
    const uncloneable = move(new ReadableStream({ start(c) { c.enqueue(() => {}); }, cancel(reason) { cancelled = reason.name; } })).getReader();
    return [await ended.read(), await ended.read(), await name(() => failed.read()), await name(() => uncloneable.read()), cancelled];
  `);
  expect(result).toEqual([
    { value: 'last', done: false },
    { done: true },
    'RangeError',
    'DataCloneError',
    'DataCloneError',
  ]);
});

test('a transferred writable stream writes copies, closes, aborts and fails with the original', async () => {
  const result = await evaluateInIsolate(`${helpers}
    const seen = [];
    const sink = { write(chunk) { seen.push(chunk); }, close() { seen.push('closed'); }, abort(reason) { seen.push('aborted ' + reason); } };
    const make = (more) => { const original = new WritableStream({ ...sink, ...more }); return [original, move(original).getWriter()]; };
    const [original, writer] = make();
    const chunk = { n: 1 };
    await writer.write(chunk);
    await writer.close();
    const [, aborted] = make();
    await aborted.abort('why');
    const [, failing] = make({ write() { throw new RangeError('full'); } });
    const failure = await name(() => failing.write('x'));
    const [, uncloneable] = make();
    const refused = await name(() => uncloneable.write(() => {}));
    return [seen.slice(0, 3), seen[0] !== chunk, original.locked, failure, await name(() => failing.closed), refused, seen.length];
  `);
  expect(result).toEqual([
    [{ n: 1 }, 'closed', 'aborted why'],
    true,
    true,
    'RangeError',
    'RangeError',
    'DataCloneError',
    4,
  ]);
});

test('a transferred transform stream works as before, unless a side is locked or transferred too', async () => {
  const result = await evaluateInIsolate(`${helpers}
    const make = () => new TransformStream({ transform(chunk, c) { c.enqueue(chunk * 2); } });
    const moved = move(make());
    const writer = moved.writable.getWriter();
    const written = writer.write(21);
    const { value } = await moved.readable.getReader().read();
    await written;
    const locked = make(); locked.readable.getReader();
    const both = make();
    const identity = move(new IdentityTransformStream());
    return [value, await name(() => move(locked)), locked.writable.locked,
      await name(() => structuredClone(1, { transfer: [both, both.readable] })),
      await name(() => structuredClone(1, { transfer: [{}] })), await name(() => structuredClone(both)),
      identity.constructor === TransformStream];
  `);
  expect(result).toEqual([
    42,
    'DataCloneError',
    false,
    'DataCloneError',
    'DataCloneError',
    'DataCloneError',
    true,
  ]);
});

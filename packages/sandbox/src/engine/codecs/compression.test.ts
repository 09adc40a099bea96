import { brotliDecompressSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleTestRuntime, TestEngine, type TestAnswer } from '../testing/test-engine.ts';

const MiB = 1024 * 1024;
const runtimeScript = bundleTestRuntime();
let engine: TestEngine;

/** Runs what the request's header says in one of the module's functions. */
const worker = `
let kept;
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const collect = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
const through = (bytes, transform) => collect(new Response(bytes).body.pipeThrough(transform));
const settle = (promise) => promise.then((value) => 'fine ' + value, (error) => error.name + ': ' + (error instanceof TypeError));

/** Opens compressors until there is no room. */
async function fill(format) {
  const writers = [];
  for (let i = 0; i < 1000; i += 1) {
    const { readable, writable } = new CompressionStream(format);
    readable.getReader().read().catch(() => {});
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    writers.push(writer);
    const outcome = await settle(writer.write(new Uint8Array(10)));
    if (!outcome.startsWith('fine')) return [i, outcome];
  }
}

/** xorshift: the same cases for the same seed. */
function generator(seed) {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
    return (state >>> 0) % below;
  };
}

async function roundTrip(random) {
  const format = ['gzip', 'deflate', 'deflate-raw', 'brotli'][random(4)];
  const data = new Uint8Array(random(1000));
  const alphabet = 1 + random(256);
  for (let i = 0; i < data.length; i += 1) data[i] = random(alphabet);
  const pieces = (bytes) => {
    const all = [];
    for (let at = 0; at < bytes.length; ) { const next = at + random(3000); all.push(bytes.slice(at, next)); at = next; }
    return ReadableStream.from(all);
  };
  const packed = await collect(pieces(data).pipeThrough(new CompressionStream(format)));
  const isBroken = random(4) === 0;
  const last = packed.length - 1;
  const input = isBroken ? packed.subarray(0, random(last)) : packed;
  try {
    const unpacked = await collect(pieces(input).pipeThrough(new DecompressionStream(format)));
    if (isBroken) return 'not refused';
    return unpacked.length === data.length && unpacked.every((byte, i) => byte === data[i]);
  } catch (error) {
    return isBroken && error instanceof TypeError ? true : String(error);
  }
}

const actions = {
  async compress(body, { format }) {
    return new Response(new Response(body).body.pipeThrough(new CompressionStream(format)));
  },
  async decompress(body, { format }) {
    return Response.json(await settle(through(body, new DecompressionStream(format)).then((bytes) => new TextDecoder().decode(bytes))));
  },
  async first(body) {
    const { readable, writable } = new DecompressionStream('gzip');
    const written = settle(writable.getWriter().write(body));
    const reader = readable.getReader();
    const { value } = await reader.read();
    const outcome = await Promise.race([written, new Promise((resolve) => setTimeout(resolve, 1000, 'waiting'))]);
    await reader.cancel();
    return Response.json([outcome, value.length]);
  },
  async all(body) {
    let size = 0;
    for await (const chunk of new Response(body).body.pipeThrough(new DecompressionStream('gzip'))) size += chunk.length;
    return Response.json(size);
  },
  async fill(body, { format }) { return Response.json(await fill(format)); },
  async keep() {
    kept = new CompressionStream('gzip');
    const reader = kept.readable.getReader();
    for (let i = 0; i < 3; i += 1) reader.read().catch(() => {});
    const writer = kept.writable.getWriter();
    await writer.write(new Uint8Array(10));
    writer.releaseLock();
    return Response.json('kept');
  },
  async useKept() { return Response.json(await settle(kept.writable.getWriter().write(new Uint8Array(10)))); },
  async cancelWhileBusy(body) {
    const { readable, writable } = new DecompressionStream('gzip');
    const writer = writable.getWriter();
    const written = settle(writer.write(body));
    const reader = readable.getReader();
    await reader.read();
    await reader.cancel('enough');
    return Response.json([await written, await settle(writer.closed)]);
  },
  async fuzz(body, { seed, cases }) {
    const random = generator(seed);
    const failures = [];
    const lanes = Array.from({ length: 3 }, async () => {
      for (let i = 0; i < cases / 3; i += 1) {
        const outcome = await roundTrip(random);
        if (outcome !== true) failures.push(outcome);
      }
    });
    await Promise.all(lanes);
    return Response.json(failures);
  },
};
export default { async fetch(request) {
  const { action, body, ...rest } = JSON.parse(decodeURIComponent(new URL(request.url).hash.slice(1)));
  return actions[action](bytesOf(body ?? ''), rest);
} };
`;

beforeEach(() => {
  engine = new TestEngine({
    runtimeScript,
    workers: { worker, neighbour: worker },
    limits: { cpuMs: 5_000 },
  });
});

afterEach(() => engine.dispose());

function act(action: string, body: Uint8Array = new Uint8Array(), rest: object = {}) {
  const call = { action, body: Buffer.from(body).toString('base64'), ...rest };
  return engine.fetch('worker', {
    url: `http://worker.localhost/#${encodeURIComponent(JSON.stringify(call))}`,
  });
}

function json({ body, failure }: TestAnswer): unknown {
  return failure === undefined ? JSON.parse(body) : [failure, engine.logs];
}

const text = 'All work and no play makes Jack a dull boy. '.repeat(10_000);

test.each([
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
  ['deflate-raw', inflateRawSync],
  ['brotli', brotliDecompressSync],
] as const)('%s is what everybody else understands', async (format, decompress) => {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const pieces: Uint8Array[] = [];
  const call = { action: 'compress', body: Buffer.from(text).toString('base64'), format };
  const running = engine.engine.dispatchFetch(
    engine.keyOf('worker'),
    {
      requestId: 'request',
      method: 'GET',
      url: `http://worker.localhost/#${encodeURIComponent(JSON.stringify(call))}`,
      headers: '',
      body: undefined,
      depth: 0,
    },
    {
      head: () => {},
      chunk: (bytes) => {
        pieces.push(new Uint8Array(bytes));
        queueMicrotask(() => running.credit(bytes.byteLength));
      },
      end: () => resolve(Buffer.concat(pieces)),
      abort: () => {},
      upgrade: () => undefined,
      fail: () => {},
      done: () => {},
    },
  );
  const packed = await promise;
  expect(packed.byteLength).toBeLessThan(text.length / 10);
  expect(decompress(packed).toString()).toBe(text);
});

test('bytes that end early, follow the end or make no sense are a TypeError', async () => {
  const good = gzipSync('fine');
  const decompress = async (bytes: Uint8Array) =>
    json(await act('decompress', bytes, { format: 'gzip' }));
  expect(await decompress(good)).toBe('fine fine');
  expect(await decompress(good.subarray(0, -1))).toBe('TypeError: true');
  expect(await decompress(new Uint8Array())).toBe('TypeError: true');
  expect(await decompress(Buffer.concat([good, Buffer.from([0])]))).toBe('TypeError: true');
  expect(await decompress(Buffer.from('nonsense'))).toBe('TypeError: true');
});

test('a bomb gives no more than its reader asks for', async () => {
  const [outcome, size] = json(await act('first', gzipSync(Buffer.alloc(8 * MiB)))) as unknown[];
  expect([outcome, size]).toEqual(['waiting', expect.any(Number)]);
  expect(size).toBeLessThanOrEqual(MiB);
});

test('the time that decompressing takes is charged to the event', async () => {
  const bomb = gzipSync(Buffer.alloc(128 * MiB));
  engine.limits.cpuMs = 60_000;
  const before = process.cpuUsage();
  const { outcome, body } = await act('all', bomb);
  const { user, system } = process.cpuUsage(before);
  expect(JSON.parse(body)).toBe(128 * MiB);
  expect(outcome.cpuMs).toBeGreaterThan(((user + system) / 1000) * 0.5);
});

test('open compressors are limited, and an event takes its own along', async () => {
  const first = json(await act('fill', undefined, { format: 'gzip' }));
  expect(first).toEqual([102, 'QuotaExceededError: false']);
  expect(json(await act('fill', undefined, { format: 'gzip' }))).toEqual(first);
  expect(json(await act('fill', undefined, { format: 'brotli' }))).toEqual([
    16,
    'QuotaExceededError: false',
  ]);
});

test('a stream of an event that is over is no use to another', async () => {
  expect(json(await act('keep'))).toBe('kept');
  expect(json(await act('useKept'))).toBe('TypeError: true');
});

test('nothing waits for a stream that was cancelled', async () => {
  const large = gzipSync(Buffer.alloc(64 * MiB));
  expect(json(await act('cancelWhileBusy', large))).toEqual(['fine undefined', expect.anything()]);
});

test('random streams come back as they were, and broken ones are refused', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  process.stdout.write(`compression: seed ${seed}\n`);
  engine.limits.cpuMs = 600_000;
  engine.limits.wallMs = 60_000;
  expect(json(await act('fuzz', undefined, { seed, cases: 600 }))).toEqual([]);
}, 60_000);

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleTestRuntime, TestEngine } from '../testing/test-engine.ts';

let engine: TestEngine;

const workers = {
  hash: `export default { async fetch() {
    const big = new Uint8Array(300_000).map((_, i) => i * 7);
    const hex = (buffer) => new Uint8Array(buffer).toHex();
    const hash = async (algorithm, chunks) => {
      const stream = new crypto.DigestStream(algorithm);
      const writer = stream.getWriter();
      for (const chunk of chunks) void writer.write(chunk);
      await writer.close();
      return hex(await stream.digest) + ' ' + stream.bytesWritten;
    };
    const results = await Promise.all([
      hash('SHA-256', [big]), hash({ name: 'sha-512' }, [big.subarray(0, 100_001), new DataView(big.buffer, 100_001)]),
      hash('md5', ['é', new Uint8Array(0), 'b']), hash('SHA-1', []), hash('SHA-384', [big.buffer, 'x']),
    ]);
    const stream = new crypto.DigestStream('SHA-256');
    await new Response(big).body.pipeTo(stream);
    results.push(hex(await stream.digest) + ' ' + stream.bytesWritten);
    return Response.json(results);
  } }`,
  fail: `export default { async fetch() {
    const seen = [];
    const tried = async (run) => { try { await run(); seen.push('done'); } catch (error) { seen.push(error.name ?? error); } };
    await tried(() => new crypto.DigestStream());
    await tried(() => new crypto.DigestStream('SHA-3'));
    await tried(() => Reflect.get(crypto.DigestStream.prototype, 'digest'));
    const bad = new crypto.DigestStream('SHA-1');
    await tried(() => bad.getWriter().write({}));
    await tried(() => bad.digest);
    const aborted = new crypto.DigestStream('SHA-1');
    await tried(() => aborted.abort('reason'));
    await tried(() => aborted.digest);
    const many = [];
    for (let i = 0; i < 70; i += 1) {
      const writer = new crypto.DigestStream('SHA-1').getWriter();
      many.push(writer.write('x').then(() => 1, () => 0));
    }
    seen.push((await Promise.all(many)).reduce((sum, each) => sum + each, 0));
    return Response.json(seen);
  } }`,
  other: `let writer; export default { async fetch() {
    if (writer === undefined) {
      writer = new crypto.DigestStream('SHA-1').getWriter();
      await writer.write('x');
      return new Response('written');
    }
    return new Response(await writer.write('y').catch((error) => error.name));
  } }`,
};

beforeAll(() => {
  engine = new TestEngine({
    runtimeScript: bundleTestRuntime(),
    workers,
    limits: { cpuMs: 10_000 },
  });
});
afterAll(() => engine.dispose());

test('a digest stream hashes what is written to it', async () => {
  const big = new Uint8Array(300_000).map((_, i) => i * 7);
  const hash = (name: string, ...parts: (string | Uint8Array)[]): string => {
    const state = createHash(name);
    for (const part of parts) state.update(part);
    return state.digest('hex');
  };
  expect(JSON.parse((await engine.fetch('hash')).body)).toEqual([
    `${hash('sha256', big)} 300000`,
    `${hash('sha512', big)} 300000`,
    `${hash('md5', 'éb')} 3`,
    `${hash('sha1')} 0`,
    `${hash('sha384', big, 'x')} 300001`,
    `${hash('sha256', big)} 300000`,
  ]);
});

test('a digest stream fails as it should, and only so many are open', async () => {
  expect(JSON.parse((await engine.fetch('fail')).body)).toEqual([
    'TypeError',
    'NotSupportedError',
    'TypeError',
    'TypeError',
    'TypeError',
    'done',
    'reason',
    64,
  ]);
});

test('a digest stream ends with its event', async () => {
  expect((await engine.fetch('other')).body).toBe('written');
  expect((await engine.fetch('other')).body).toBe('OperationError');
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleTestRuntime } from './engine/testing/test-engine.ts';
import { ProcessPeer } from './testing/process-peer.ts';
import { RawClient } from './testing/raw-client.ts';
import { until } from './testing/until.ts';

/** Starting a process takes half a second of CPU, and this machine may be busy. */
const slow = 120_000;

const workers = {
  hello: `export default {
    fetch: (request) => new Response('hello ' + new URL(request.url).pathname, {
      headers: [['set-cookie', 'a=1; Domain=localhost'], ['set-cookie', 'b=2']],
    }),
  }`,
  pipe: `export default { fetch: (request) => new Response(request.body) }`,
  broken: `export default { fetch() { throw new Error('a secret of the tenant'); } }`,
  spin: `export default { fetch() { for (;;); } }`,
  korean: `export default { fetch() {
    const text = new TextDecoder('euc-kr').decode(Uint8Array.of(0x81, 0x41, 0xb0, 0xa1));
    return new Response([...text].map((c) => c.codePointAt(0).toString(16)).join(' ') + '.');
  } }`,
  word: `export default { fetch: () => new Response('stream') }`,
};

let peer: ProcessPeer;
let port: number;

beforeAll(async () => {
  peer = new ProcessPeer({ script: bundleTestRuntime(), workers });
  port = await peer.start();
}, slow);

afterAll(() => peer.stop());

function ask(host: string, options: { method?: string; body?: string } = {}): string {
  const { method = 'GET', body } = options;
  const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
  return `${method} /there HTTP/1.1\r\nHost: ${host}.localhost\r\n${length}\r\n${body ?? ''}`;
}

async function withClient<T>(use: (client: RawClient) => Promise<T>): Promise<T> {
  const client = new RawClient(port);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

test('a worker answers from its isolate, request after request', { timeout: slow }, () =>
  withClient(async (client) => {
    client.send(ask('hello'));
    const answer = await client.hears(/hello \/there$/);
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(answer).toContain('set-cookie: a=1\r\nset-cookie: b=2\r\n');
    client.clear();
    client.send(ask('word'));
    await client.hears(/content-length: 6\r\n[^]*\r\n\r\nstream$/);
  }),
);

test(
  'a worker decodes legacy encodings, whose tables the process may read',
  { timeout: slow },
  () =>
    withClient(async (client) => {
      client.send(ask('korean'));
      await client.hears(/\r\n\r\nac02 ac00\.$/);
    }),
);

test('a body streams through a worker', { timeout: slow }, () =>
  withClient(async (client) => {
    const size = 3_000_000;
    client.send(ask('pipe', { method: 'POST', body: 'x'.repeat(size) }));
    await client.hears(/\r\n0\r\n\r\n$/);
    expect(client.text.match(/x+/g)?.join('').length).toBeGreaterThanOrEqual(size);
  }),
);

test('an exception is told by its name only, and logged for its owner', { timeout: slow }, () =>
  withClient(async (client) => {
    client.send(ask('broken'));
    const answer = await client.hears('request id');
    expect(answer).toMatch(/^HTTP\/1.1 500 /);
    expect(answer).toContain('x-termination-reason: Exception\r\n');
    expect(answer).not.toContain('secret');
    await until(
      () =>
        peer.records.some(
          (record) => record.kind === 'log' && record.message.includes('a secret of the tenant'),
        ),
      () => 'the log line',
    );
  }),
);

test('a worker that spins is stopped, and its client may go on', { timeout: slow }, () =>
  withClient(async (client) => {
    client.send(ask('spin'));
    const answer = await client.hears('request id');
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    expect(answer).toContain('x-termination-reason: CpuTimeLimit\r\n');
    client.clear();
    client.send(ask('hello'));
    await client.hears(/hello \/there$/);
    await until(
      () =>
        peer.records.some(
          (record) =>
            record.kind === 'invocation' &&
            record.handle === 'handle-of-spin' &&
            record.status === 429 &&
            record.outcome === 'CpuTimeLimit',
        ),
      () => 'the record',
    );
  }),
);

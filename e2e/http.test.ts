import { connect } from 'node:net';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, until } from './testing/http-client.ts';
import { startPlatform, type Platform } from './testing/platform.ts';

const source = `
let aborted = 0;
const encoder = new TextEncoder();
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case '/inspect':
        return Response.json({ method: request.method, url: request.url, headers: [...request.headers], cf: request.cf });
      case '/echo':
        return new Response(request.body, { headers: { 'content-type': 'application/octet-stream' } });
      case '/count': {
        let bytes = 0;
        for await (const chunk of request.body) bytes += chunk.byteLength;
        return new Response(String(bytes));
      }
      case '/cookies': {
        const headers = new Headers();
        headers.append('set-cookie', 'a=1; Path=/');
        headers.append('set-cookie', 'b=2; Domain=localhost');
        headers.append('x-many', 'one');
        headers.append('x-many', 'two');
        return new Response(null, { status: 204, headers });
      }
      case '/endless': {
        request.signal.addEventListener('abort', () => { aborted += 1; });
        let n = 0;
        return new Response(new ReadableStream({
          async pull(controller) {
            await scheduler.wait(5);
            controller.enqueue(encoder.encode('tick ' + n++ + '\\n'));
          },
        }));
      }
      case '/big': {
        const total = Number(url.searchParams.get('bytes'));
        let sent = 0;
        return new Response(new ReadableStream({
          pull(controller) {
            if (sent >= total) return controller.close();
            const size = Math.min(65536, total - sent);
            sent += size;
            controller.enqueue(new Uint8Array(size));
          },
        }));
      }
      case '/aborted': return new Response(String(aborted));
      case '/throw': throw new Error('a secret message of the author');
      case '/cut': {
        let n = 0;
        return new Response(new ReadableStream({ pull(c) { if (n++ < 2) c.enqueue(encoder.encode('part')); else c.error(new Error('broke')); } }));
      }
      default: return new Response('ok');
    }
  },
};`;

describe('HTTP', () => {
  let platform: Platform;
  const host = 'web.localhost';

  beforeAll(async () => {
    platform = await startPlatform();
    await platform.deploy('web', source);
    await until(
      async () => (await call({ port: platform.port, host })).status === 200,
      5_000,
      'the worker answers',
    );
  });
  afterAll(() => platform.dispose());

  const get = (path: string, rest: object = {}) =>
    call({ port: platform.port, host, path, ...rest });

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    '%s reaches the worker under its own name',
    async (method) => {
      const answer = await get('/inspect', { method });
      expect(JSON.parse(answer.body)).toMatchObject({ method, cf: {} });
    },
  );

  test('HEAD answers the head without a body', async () => {
    const answer = await get('/', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '' });
  });

  test('request.url has scheme, host and port as the client used them', async () => {
    const { body } = await get('/inspect?a=b', { host: `web.localhost:${platform.port}` });
    expect(JSON.parse(body).url).toBe(`http://web.localhost:${platform.port}/inspect?a=b`);
  });

  test('the request id is made, or echoed when the client sent a sane one', async () => {
    expect((await get('/')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const echoed = await get('/', { headers: { 'x-request-id': 'my-id.1' } });
    expect(echoed.headers['x-request-id']).toBe('my-id.1');
    const insane = await get('/', { headers: { 'x-request-id': 'a b"c' } });
    expect(insane.headers['x-request-id']).not.toBe('a b"c');
  });

  test('platform headers and client addresses cannot be forged', async () => {
    const { body } = await get('/inspect', {
      headers: {
        'x-worker-id': 'forged',
        'x-openworkers-depth': '3',
        'x-forwarded-for': '6.6.6.6',
        'x-forwarded-proto': 'https',
        'x-real-ip': '6.6.6.6',
        forwarded: 'for=6.6.6.6',
        'x-mine': 'kept',
      },
    });
    const seen = new Map<string, string>(JSON.parse(body).headers);
    expect(seen.get('x-mine')).toBe('kept');
    expect(seen.has('x-worker-id')).toBe(false);
    expect(seen.has('x-openworkers-depth')).toBe(false);
    expect([...seen.values()].join(' ')).not.toContain('6.6.6.6');
    expect(JSON.parse(body).url).toMatch(/^http:/);
    expect(seen.get('x-real-ip')).toBe('127.0.0.1');
  });

  test('set-cookie stays a list, and may not be set for the base domain', async () => {
    const { rawHeaders, status } = await get('/cookies');
    const cookies = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 && name.toLowerCase() === 'set-cookie' ? [rawHeaders[index + 1]] : [],
    );
    expect(status).toBe(204);
    expect(cookies).toEqual(['a=1; Path=/', 'b=2']);
  });

  test('a body streams through the worker in both directions', async () => {
    const body = 'x'.repeat(3 * 1024 * 1024);
    const answer = await get('/echo', { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBe(body.length);
  });

  test('a body over the limit is refused with 413, with content-length and chunked', async () => {
    const body = new Uint8Array(10 * 1024 * 1024 + 1);
    const plain = await get('/count', { method: 'POST', body });
    expect(plain.status).toBe(413);
    const chunked = await get('/count', {
      method: 'POST',
      body,
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect(chunked.status).toBe(413);
    const fits = await get('/count', { method: 'POST', body: body.subarray(1) });
    expect(fits).toMatchObject({ status: 200, body: String(10 * 1024 * 1024) });
  });

  test('a client that does not read holds the worker back, and gets every byte later', async () => {
    // More than all buffers on the way hold, and little enough to cost no CPU limit.
    const total = 8 * 1024 * 1024;
    const received = await new Promise<number>((resolve, reject) => {
      request(
        { host: '127.0.0.1', port: platform.port, path: `/big?bytes=${total}`, headers: { host } },
        (response) => {
          let bytes = 0;
          response.pause();
          setTimeout(() => response.resume(), 300);
          response.on('data', (chunk: Buffer) => (bytes += chunk.length));
          response.on('end', () => resolve(bytes));
          response.on('error', reject);
        },
      )
        .on('error', reject)
        .end();
    });
    expect(received).toBe(total);
  });

  test('a worker sees that its client has gone', async () => {
    await new Promise<void>((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port: platform.port, path: '/endless', headers: { host } },
        (response) => {
          response.once('data', () => {
            outgoing.destroy();
            resolve();
          });
          response.on('error', () => undefined);
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
    await until(async () => (await get('/aborted')).body === '1', 5_000, 'the abort was seen');
  });

  test('an exception is a 500 that tells the client nothing, and the author everything', async () => {
    const answer = await get('/throw', { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(500);
    expect(answer.headers['x-termination-reason']).toBe('Exception');
    expect(JSON.stringify([answer.body, answer.headers])).not.toContain('secret message');
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'worker_exception',
      requestId: answer.headers['x-request-id'],
    });
  });

  test('a response stream that errors cuts the connection, so that the client notices', async () => {
    await expect(get('/cut')).rejects.toThrow();
  });

  test.each([
    [
      'two content-lengths',
      'POST / HTTP/1.1\r\nhost: web.localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    ],
    [
      'content-length beside chunked',
      'POST / HTTP/1.1\r\nhost: web.localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a host that is none', 'GET / HTTP/1.1\r\nhost: a b\r\n\r\n'],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nhost: web.localhost\r\n${'x-long: '.padEnd(40_000, 'y')}\r\n\r\n`,
    ],
  ])('%s is refused with a 4xx', async (_what, text) => {
    expect(await rawStatus(platform.port, text)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });
});

function rawStatus(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer: ${answer}`)));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (answer.includes('\r\n')) {
        resolve(answer.slice(0, answer.indexOf('\r\n')));
        socket.destroy();
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed without an answer: ${answer}`)));
  });
}

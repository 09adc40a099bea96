import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { FetchPlatform } from './testing/fetch-platform.ts';
import type { TestOrigin } from './testing/test-origin.ts';

let platform: FetchPlatform;
let origin: TestOrigin;

beforeAll(async () => {
  platform = await FetchPlatform.start();
  ({ origin } = platform);
  origin.on('/silent', () => undefined);
  origin.on('/stalling', (_request, response) => void response.write('first'));
  origin.on('/endless', (request, response) => {
    const more = (): void => {
      while (!request.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
});

afterAll(() => platform.stop());

const run = (body: string): Promise<unknown> => platform.run(body);

/** Connections of the origin on which a request runs: idle ones are kept for a while. */
const noConnections = (): Promise<void> =>
  until(() => origin.busy === 0, { timeoutMs: 10_000, what: 'the connections to end' });

describe('abort', () => {
  test('before anything rejects with the reason, and nobody connects', async () => {
    const before = origin.requests.length;
    const result = await run(`
      let cancelled;
      const body = new ReadableStream({ cancel(reason) { cancelled = reason; } });
      const signal = AbortSignal.abort('own reason');
      const reason = await fetch(origin + '/silent', { method: 'POST', body, duplex: 'half', signal }).catch((reason) => reason);
      return [reason, cancelled];`);
    expect(result).toEqual(['own reason', 'own reason']);
    expect(origin.requests).toHaveLength(before);
  });

  test('while the head is awaited rejects, and ends the connection', async () => {
    const result = await run(`
      const controller = new AbortController();
      const fetching = fetch(origin + '/silent', { signal: controller.signal });
      setTimeout(() => controller.abort(), 30);
      return fetching.catch((error) => [error.name, error === controller.signal.reason]);`);
    expect(result).toEqual(['AbortError', true]);
    await noConnections();
  });

  test('by time is a TimeoutError', async () => {
    expect(
      await run(
        `return fetch(origin + '/silent', { signal: AbortSignal.timeout(20) }).catch((error) => error.name);`,
      ),
    ).toBe('TimeoutError');
    await noConnections();
  });

  test('in the middle of a body breaks it, also of a clone, and ends the connection', async () => {
    const result = await run(`
      const controller = new AbortController();
      const response = await fetch(new Request(origin + '/stalling'), { signal: controller.signal });
      const copy = response.clone();
      const reader = response.body.getReader();
      const first = new TextDecoder().decode((await reader.read()).value);
      controller.abort();
      return [first, await reader.read().catch((error) => error.name), await copy.text().catch((error) => error.name)];`);
    expect(result).toEqual(['first', 'AbortError', 'AbortError']);
    await noConnections();
  });

  test('of a streamed upload cancels the source', async () => {
    const result = await run(`
      const controller = new AbortController();
      let cancelled;
      const body = new ReadableStream({
        pull(c) { c.enqueue(new Uint8Array(1000)); return new Promise((resolve) => setTimeout(resolve, 5)); },
        cancel(reason) { cancelled = reason.name; },
      });
      const fetching = fetch(origin + '/silent', { method: 'POST', body, duplex: 'half', signal: controller.signal });
      setTimeout(() => controller.abort(), 30);
      return [await fetching.catch((error) => error.name), cancelled];`);
    expect(result).toEqual(['AbortError', 'AbortError']);
    await noConnections();
  });
});

describe('what is left of an event', () => {
  test('ends its connections', async () => {
    const answer = await platform.call(`
      fetch(origin + '/silent').catch((error) => console.log(failure(error)));
      await fetch(origin + '/stalling');
      return new Response('done');`);
    expect(answer.body).toBe('done');
    await noConnections();
    await until(
      () =>
        platform.runner.hasLogged(
          'TypeError: fetch failed: The event is over: only what ctx.waitUntil is given may go on',
        ),
      {
        timeoutMs: 5_000,
        what: 'the reason',
      },
    );
  });

  test('is kept going by waitUntil', async () => {
    origin.on('/later', (_request, response) => {
      setTimeout(() => response.end('late'), 50);
    });
    const answer = await platform.call(`
      ctx.waitUntil(fetch(origin + '/later').then((r) => r.text()).then((text) => console.log('got ' + text)));
      return new Response('done');`);
    expect(answer.body).toBe('done');
    await until(() => platform.runner.hasLogged('got late'), {
      timeoutMs: 5_000,
      what: 'the answer',
    });
  });

  test('cannot start anything: neither module scope nor code after the end', async () => {
    const id = await platform.workers.create('early');
    await platform.workers.deploy(
      id,
      `const early = await fetch('${origin.url}/echo').catch((error) => error.message);
       export default { fetch: () => new Response(early) };`,
    );
    expect((await platform.runner.call('early')).body).toContain('not in module scope');
  });

  test('ends when its client has gone', async () => {
    const name = await platform.deploy(
      `return fetch(request.url.replace(/^.*?localhost/, origin), request);`,
    );
    const client = connect(platform.runner.port, '127.0.0.1');
    client.write(`GET /endless HTTP/1.1\r\nHost: ${name}.localhost\r\n\r\n`);
    await new Promise((resolve) => client.once('data', resolve));
    client.destroy();
    await noConnections();
  });
});

describe('a hostile origin', () => {
  const zeros = Buffer.alloc(300_000_000);

  test.each([
    ['gzip', (): Buffer => gzipSync(zeros, { level: 1 })],
    [
      'br',
      (): Buffer => brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    ],
  ])('with a bomb of %s costs its event and no other', async (coding, make) => {
    const bomb = make();
    origin.on('/bomb', (_request, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(bomb);
    });
    const name = await platform.deploy(`
      if (request.url.endsWith('/fine')) return new Response('fine');
      return new Response(String((await (await fetch(origin + '/bomb')).text()).length));`);
    await platform.runner.call(name, { path: '/fine' });
    const answer = await platform.runner.call(name, { timeoutMs: 30_000 });
    expect(answer.status).toBe(429);
    expect(answer.headers['x-termination-reason']).toMatch(/CpuTimeLimit|MemoryLimit/);
    expect((await platform.runner.call(name, { path: '/fine' })).body).toBe('fine');
  });

  test('whose bomb nobody reads costs nothing', async () => {
    const bomb = gzipSync(zeros, { level: 1 });
    origin.on('/bomb', (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const result = await run(`
      const response = await fetch(origin + '/bomb');
      await scheduler.wait(1_500);
      await response.body.cancel();
      return response.status;`);
    expect(result).toBe(200);
  });

  test('with an endless body is held back until somebody reads, and cut when nobody does', async () => {
    const result = await run(`
      const response = await fetch(origin + '/endless');
      const reader = response.body.getReader();
      let bytes = 0;
      while (bytes < 2_000_000) bytes += (await reader.read()).value.length;
      await reader.cancel();
      return bytes >= 2_000_000;`);
    expect(result).toBe(true);
    await noConnections();
  });

  test.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH\\r\\n', 'the response is not valid HTTP'],
    [
      'a header with a zero byte',
      'HTTP/1.1 200 OK\\r\\na: b\\0c\\r\\n\\r\\n',
      'the response is not valid HTTP',
    ],
    [
      'two lengths',
      'HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\nContent-Length: 2\\r\\n\\r\\nxx',
      'the response body broke off',
    ],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n',
      'the response body broke off',
    ],
    [
      'too many headers',
      `HTTP/1.1 200 OK\\r\\n${'a: b\\r\\n'.repeat(9_000)}\\r\\n`,
      'the response head is not valid, or too large',
    ],
    [
      'much in its headers',
      `HTTP/1.1 200 OK\\r\\na: ${'b'.repeat(40_000)}\\r\\n\\r\\n`,
      'the response headers are too large',
    ],
    ['nothing', '', 'the connection broke'],
  ])('that sends %s is a network error', async (_name, text, message) => {
    const server = await rawServer((socket) =>
      socket.end(text.replaceAll('\\r\\n', '\r\n').replaceAll('\\0', '\0'), 'latin1'),
    );
    const { port } = server.address() as AddressInfo;
    const result = await run(
      `return fetch('http://127.0.0.1:${port}/').then((r) => r.text(), failure);`,
    );
    server.close();
    expect(result).toBe(`TypeError: fetch failed: ${message}`);
  });

  test('that breaks off in the middle breaks the body', async () => {
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      setTimeout(() => socket.destroy(), 20);
    });
    const { port } = server.address() as AddressInfo;
    const result = await run(`
      const response = await fetch('http://127.0.0.1:${port}/');
      return [response.status, await response.text().catch((error) => error.name)];`);
    server.close();
    expect(result).toEqual([200, 'TypeError']);
  });

  test('behind a redirect into private space is not reached', async () => {
    origin.on('/inside', (request, response) => {
      const target = new URL(request.url ?? '', origin.url).searchParams.get('to') ?? '';
      response.writeHead(302, { location: target }).end();
    });
    const targets = [
      'http://169.254.169.254/latest/',
      'http://[::ffff:127.0.0.1]/',
      'http://2130706434/',
      'http://[64:ff9b::7f00:1]/',
    ];
    const result = await run(`
      const errors = [];
      for (const to of ${JSON.stringify(targets)}) errors.push(await fetch(origin + '/inside?to=' + encodeURIComponent(to)).catch(failure));
      return errors;`);
    for (const error of result as unknown[]) expect(error).toMatch(/is not on the public network$/);
  });
});

describe('a worker', () => {
  test('does not reach the platform by its address', async () => {
    const { runner } = platform;
    const result = await run(`
      const errors = [];
      for (const port of [${runner.port}, ${runner.runner.internalPort}]) {
        errors.push(await fetch('http://127.0.0.1:' + port + '/').catch(failure), await fetch('http://localhost:' + port + '/').catch(failure));
      }
      return errors;`);
    for (const error of result as unknown[]) expect(error).toMatch(/is not on the public network$/);
  });

  test.each([
    'http://127.0.0.1:22/',
    'http://127.0.0.1:25/',
    'ftp://a.test/',
    'file:///etc/passwd',
    'blob:http://a/b',
    'about:blank',
  ])('cannot fetch %s', async (url) => {
    expect(await run(`return fetch('${url}').catch(failure);`)).toMatch(
      /^TypeError: fetch failed: /,
    );
  });

  test('gets six answers at a time and fifty in all', async () => {
    let open = 0;
    let most = 0;
    origin.on('/counted', (_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.end('x');
      }, 20);
    });
    const result = await run(`
      const all = await Promise.allSettled(Array.from({ length: 55 }, () => fetch(origin + '/counted').then((r) => r.text())));
      return [all.filter((each) => each.status === 'fulfilled').length, failure(all[54].reason)];`);
    expect(result).toEqual([
      50,
      'TypeError: fetch failed: Too many subrequests: one event may make 50',
    ]);
    expect(most).toBe(6);
  });
});

function rawServer(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

import { createHash, randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FetchPlatform } from './testing/fetch-platform.ts';
import type { TestOrigin } from './testing/test-origin.ts';

let platform: FetchPlatform;
let origin: TestOrigin;

beforeAll(async () => {
  platform = await FetchPlatform.start();
  ({ origin } = platform);
  origin.on('/echo', async (request, response, body) => {
    const bytes = await body();
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        method: request.method,
        headers: request.headers,
        body: bytes.toString('latin1').slice(0, 100),
        bytes: bytes.length,
      }),
    );
  });
});

afterAll(() => platform.stop());

const run = (body: string): Promise<unknown> => platform.run(body);

describe('a response', () => {
  test('has what the origin sent', async () => {
    origin.on('/simple', (_request, response) => {
      response.writeHead(202, 'Fine', [
        ['Content-Type', 'text/plain'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['X-Name', 'value'],
      ]);
      response.end('hello');
    });
    const result = await run(`
      const response = await fetch(origin + '/simple?a=b#fragment');
      let immutable;
      try { response.headers.set('a', 'b'); } catch (error) { immutable = error.name; }
      try { response.clone().headers.set('a', 'b'); } catch (error) { immutable += error.name; }
      return {
        status: response.status, statusText: response.statusText, ok: response.ok,
        type: response.type, redirected: response.redirected,
        url: response.url === origin + '/simple?a=b',
        cookies: response.headers.getSetCookie(), name: response.headers.get('x-name'),
        immutable, text: await response.text(),
      };`);
    expect(result).toEqual({
      status: 202,
      statusText: 'Fine',
      ok: true,
      type: 'basic',
      redirected: false,
      url: true,
      cookies: ['a=1', 'b=2'],
      name: 'value',
      immutable: 'TypeErrorTypeError',
      text: 'hello',
    });
  });

  test('of HEAD, 204 and 304 has no body', async () => {
    origin.on('/head', (_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).end();
    });
    origin.on('/empty', (_request, response) => void response.writeHead(204).end());
    origin.on('/same', (_request, response) => void response.writeHead(304).end());
    const result = await run(`
      const head = await fetch(origin + '/head', { method: 'HEAD' });
      return [head.body, head.headers.get('content-length'),
        (await fetch(origin + '/empty')).body, (await fetch(origin + '/same')).body];`);
    expect(result).toEqual([null, '10', null, null]);
  });

  test('is read as it comes', async () => {
    const bytes = randomBytes(3_000_000);
    origin.on('/large', (_request, response) => void response.end(bytes));
    const digest = await run(`
      const bytes = await (await fetch(origin + '/large')).arrayBuffer();
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');`);
    expect(digest).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});

describe('a request', () => {
  test('has no more headers than the worker gave, and the usual ones', async () => {
    const name = await platform.deploy(
      `return fetch(origin + '/echo', { headers: { 'X-Own': '1' } });`,
    );
    const answer = await platform.runner.call(name, {
      headers: { cookie: 'visitor=1', 'x-forwarded-for': '6.6.6.6' },
    });
    expect(JSON.parse(answer.body)).toEqual({
      method: 'GET',
      headers: {
        host: `127.0.0.1:${origin.port}`,
        connection: 'keep-alive',
        accept: '*/*',
        'accept-encoding': 'gzip, deflate, br',
        'user-agent': 'OpenWorkers',
        'x-own': '1',
      },
      body: '',
      bytes: 0,
    });
  });

  test.each([
    ['text', `'grüße'`, 7],
    ['bytes', `new Uint8Array(300_000)`, 300_000],
    ['a blob', `new Blob(['abc'])`, 3],
    ['nothing', `null`, 0],
  ])('sends %s with its length', async (_name, body, length) => {
    const result = await run(
      `return (await fetch(origin + '/echo', { method: 'POST', body: ${body} })).json();`,
    );
    expect(result).toMatchObject({
      method: 'POST',
      bytes: length,
      headers: { 'content-length': String(length) },
    });
  });

  test('streams a body whose length nobody knows', async () => {
    const result = await run(`
      let left = 40;
      const body = new ReadableStream({
        async pull(controller) {
          await null;
          if (left-- === 0) controller.close();
          else controller.enqueue(new Uint8Array(30_000));
        },
      });
      return (await fetch(origin + '/echo', { method: 'PUT', body, duplex: 'half' })).json();`);
    expect(result).toMatchObject({
      bytes: 1_200_000,
      headers: { 'transfer-encoding': 'chunked' },
    });
  });

  test('passes on the body and length of the incoming request', async () => {
    const name = await platform.deploy(`return fetch(new Request(origin + '/echo', request));`);
    const answer = await platform.runner.call(name, { method: 'POST', body: 'x'.repeat(5_000) });
    expect(JSON.parse(answer.body)).toMatchObject({ method: 'POST', bytes: 5_000 });
  });

  test.each(['host', 'connection', 'transfer-encoding', 'upgrade', 'te', 'expect', 'keep-alive'])(
    'does not let the worker write %s',
    async (header) => {
      const result = await run(`
        return (await fetch(origin + '/echo', { headers: { '${header}': 'evil' } })).json();`);
      expect(JSON.stringify(result)).not.toContain('evil');
    },
  );

  test('of a stream with a length is held to it', async () => {
    const attempt = (length: number): Promise<unknown> =>
      run(`
        const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        writer.write(new Uint8Array(10)).catch(() => {});
        writer.close().catch(() => {});
        return fetch(origin + '/echo', {
          method: 'POST', body: readable, duplex: 'half', headers: { 'content-length': '${length}' },
        }).then((response) => response.json(), failure);`);
    expect(await attempt(10)).toMatchObject({ bytes: 10, headers: { 'content-length': '10' } });
    expect(await attempt(9)).toMatch(/TypeError: fetch failed: the request body does not have/);
    expect(await attempt(11)).toMatch(/TypeError: fetch failed: /);
  });
});

describe('redirects', () => {
  test('the bytes of a location above ASCII are escaped as they are', async () => {
    platform.origin.on('/to-snowman', (_request, response) => {
      response.writeHead(302, { location: Buffer.from('/echo?☃').toString('latin1') }).end();
    });
    const url = await platform.run(
      `return (await fetch(origin + '/to-snowman')).url.replace(origin, '');`,
    );
    expect(url).toBe('/echo?%E2%98%83');
  });

  beforeAll(() => {
    for (const status of [301, 302, 303, 307, 308]) {
      origin.on(`/${status}`, (request, response) => {
        request.resume();
        response.writeHead(status, { location: `/echo#new` }).end('elsewhere');
      });
    }
    origin.on('/loop', (_request, response) => {
      response.writeHead(302, { location: '/loop' }).end();
    });
    origin.on('/away', (_request, response) => {
      response.writeHead(302, { location: `http://localhost:${origin.port}/echo` }).end();
    });
    origin.on('/nowhere', (_request, response) => {
      response.writeHead(302, { location: 'http://[' }).end();
    });
    origin.on('/file', (_request, response) => {
      response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    });
    origin.on('/private', (_request, response) => {
      response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
    });
    origin.on('/without', (_request, response) => void response.writeHead(302).end('stays'));
  });

  test.each([
    [301, 'POST', 'GET', 0],
    [302, 'POST', 'GET', 0],
    [303, 'PUT', 'GET', 0],
    [301, 'PUT', 'PUT', 4],
    [307, 'POST', 'POST', 4],
    [308, 'POST', 'POST', 4],
  ])('%i turns %s into %s', async (status, method, becomes, bytes) => {
    const result = await run(`
      const response = await fetch(origin + '/${status}', {
        method: '${method}', body: 'body', headers: { 'content-type': 'a/b', 'content-language': 'de' },
      });
      return { ...await response.json(), url: response.url.replace(origin, ''), redirected: response.redirected };`);
    expect(result).toMatchObject({ method: becomes, bytes, url: '/echo', redirected: true });
    const { headers } = result as { headers: Record<string, string> };
    expect(headers['content-type']).toBe(becomes === 'GET' ? undefined : 'a/b');
    expect(headers['content-language']).toBe(becomes === 'GET' ? undefined : 'de');
  });

  test('to another origin lose what was for the first one', async () => {
    const result = await run(`
      const headers = { authorization: 'secret', cookie: 'a=b', 'x-stays': '1' };
      const get = async (path) => (await (await fetch(origin + path, { headers })).json()).headers;
      return [await get('/302'), await get('/away')];`);
    expect(result).toMatchObject([
      { authorization: 'secret', cookie: 'a=b', 'x-stays': '1' },
      { 'x-stays': '1' },
    ]);
    const [, away] = result as { authorization?: string; cookie?: string }[];
    expect([away?.authorization, away?.cookie]).toEqual([undefined, undefined]);
  });

  test.each([
    ['/loop', 'too many redirects'],
    ['/nowhere', 'the location of a redirect is not a valid URL'],
    ['/file', 'a redirect to a file: URL is not followed'],
    ['/private', '10.0.0.1 is not on the public network'],
  ])('%s ends with an error', async (path, message) => {
    expect(await run(`return fetch(origin + '${path}').catch(failure);`)).toBe(
      `TypeError: fetch failed: ${message}`,
    );
  });

  test('are given to the worker, or are errors, when it says so', async () => {
    const result = await run(`
      const manual = await fetch(origin + '/302', { redirect: 'manual' });
      const error = await fetch(origin + '/302', { redirect: 'error' }).catch(failure);
      const without = await fetch(origin + '/without');
      return [manual.status, manual.headers.get('location'), await manual.text(), error, await without.text()];`);
    expect(result).toEqual([
      302,
      '/echo#new',
      'elsewhere',
      'TypeError: fetch failed: the response is a redirect, and redirects are errors here',
      'stays',
    ]);
  });

  test('of a stream are an error, because nobody can send it twice', async () => {
    const result = await run(`
      const body = new Blob(['abc']).stream();
      return fetch(origin + '/307', { method: 'POST', body, duplex: 'half' }).catch(failure);`);
    expect(result).toMatch(/a request whose body is a stream cannot be redirected/);
  });
});

describe('content codings', () => {
  const text = 'what was compressed, '.repeat(20_000);

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
  ])('%s is undone', async (coding, bytes) => {
    origin.on('/coded', (_request, response) => {
      response.writeHead(200, { 'content-encoding': coding, 'content-length': bytes.length });
      response.end(bytes);
    });
    const result = await run(`
      const response = await fetch(origin + '/coded');
      return [response.headers.get('content-length'), await response.text()];`);
    expect(result).toEqual([coding === 'identity' ? String(bytes.length) : null, text]);
    const answer = await platform.call(`
      const response = await fetch(origin + '/coded');
      return new Response(response.body, response);`);
    expect(answer.body).toBe(text);
  });

  test('that is not known stays', async () => {
    origin.on('/coded', (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'own' }).end('abc');
    });
    const result = await run(`
      const response = await fetch(origin + '/coded');
      return [response.headers.get('content-encoding'), await response.text()];`);
    expect(result).toEqual(['own', 'abc']);
  });

  test.each(['gzip', 'br', 'deflate'])('%s that is wrong breaks the body', async (coding) => {
    origin.on('/coded', (_request, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end('not what it says it is');
    });
    const result = await run(`
      const response = await fetch(origin + '/coded');
      return [response.status, await response.text().catch(failure)];`);
    expect(result).toEqual([200, 'TypeError: the response body cannot be decoded']);
  });

  test('of nothing at all is nothing', async () => {
    origin.on('/coded', (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '0' }).end();
    });
    expect(await run(`return (await fetch(origin + '/coded')).text();`)).toBe('');
  });
});

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { METHODS } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answering, fixtureOutcome } from '../testing/fixture-engine.ts';
import { InProcessSandbox } from '../testing/in-process-sandbox.ts';
import { RawClient } from '../testing/raw-client.ts';
import { until } from '../testing/until.ts';

let sandbox: InProcessSandbox;
let port: number;
const clients: RawClient[] = [];

beforeEach(async () => {
  sandbox = new InProcessSandbox();
  port = await sandbox.listen();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await sandbox.stop();
});

function client(): RawClient {
  const opened = new RawClient(port);
  clients.push(opened);
  return opened;
}

/** One request over a connection of its own; the answer as text. */
async function exchange(text: string): Promise<string> {
  const opened = client();
  opened.send(text);
  const answer = await opened.hearsEnd();
  opened.close();
  return answer;
}

function get(host: string, lines: readonly string[] = []): string {
  return ['GET /a/b?c=d HTTP/1.1', `Host: ${host}`, 'Connection: close', ...lines, '', ''].join(
    '\r\n',
  );
}

describe('a request', () => {
  test('reaches the worker with method, URL and headers, and its answer comes back', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ method, url, depth, body }) => ({
        status: 201,
        headers: 'content-type\ntext/x\nx-own\n1\nx-own\n2',
        body: JSON.stringify({ method, url, depth, hasBody: body !== undefined }),
      })),
    );
    const answer = await exchange(get('Hello.LOCALHOST:8080'));
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(JSON.parse(body)).toEqual({
      method: 'GET',
      url: 'http://Hello.LOCALHOST:8080/a/b?c=d',
      depth: 0,
      hasBody: false,
    });
    const lines = head.split('\r\n');
    expect(lines[0]).toBe('HTTP/1.1 201 Created');
    expect(lines).toContain('x-own: 1');
    expect(lines).toContain('x-own: 2');
    expect(lines).toContain(`content-length: ${body.length}`);
    expect(head).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/);
  });

  test('keeps repeated headers apart and in order', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ headers }) => ({ body: headers })),
    );
    const answer = await exchange(get('hello.localhost', ['X-A: 1', 'Cookie: a=1', 'X-A: 2']));
    expect(answer).toContain('x-a\n1\ncookie\na=1\nx-a\n2\n');
  });

  test('may use any method that the parser knows, except CONNECT', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ method }) => ({ body: `method ${method};` })),
    );
    const methods = METHODS.filter((method) => method !== 'CONNECT' && method !== 'HEAD');
    const opened = client();
    for (const method of methods) {
      opened.send(`${method} / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n`);
      await opened.hears(`method ${method};`);
    }
    expect(sandbox.changes.filter((change) => change.endsWith(':closed'))).toEqual([]);
  });

  test('CONNECT is refused', async () => {
    const answer = await exchange('CONNECT a.b:80 HTTP/1.1\r\nHost: a.b\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('code: bad_request');
  });

  test('gets the head but not the body with HEAD', async () => {
    sandbox.addWorker(
      'hello',
      answering(() => ({ body: 'twelve chars' })),
    );
    const answer = await exchange(get('hello.localhost').replace('GET', 'HEAD'));
    expect(answer).toContain('content-length: 12');
    expect(answer).toMatch(/\r\n\r\n$/);
  });

  test('asking for an upgrade is answered as an ordinary one', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ headers }) => ({ body: `plain:${headers}` })),
    );
    const opened = client();
    opened.send(
      'GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const answer = await opened.hears('plain:');
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toContain('sec-websocket-version\n13');
    expect(answer).not.toContain('upgrade\nwebsocket');
    opened.clear();
    opened.send('GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n');
    await opened.hears('plain:');
  });

  test('with an absolute target must name the same host', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ url }) => ({ body: url })),
    );
    const same = get('hello.localhost').replace('/a/b', 'http://hello.localhost/a/b');
    expect(await exchange(same)).toContain('\r\n\r\nhttp://hello.localhost/a/b?c=d');
    const other = get('hello.localhost').replace('/a/b', 'http://other.localhost/a/b');
    expect(await exchange(other)).toContain('code: invalid_host');
  });

  test('is one of many on a keep-alive connection, also when sent ahead', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ url }) => ({ body: `<${new URL(url).pathname}>` })),
    );
    const opened = client();
    const count = 200;
    const paths = Array.from({ length: count }, (_, index) => `/${index}`);
    opened.send(
      paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: hello.localhost\r\n\r\n`).join(''),
    );
    const answer = await opened.hears(`</${count - 1}>`);
    expect(answer.match(/<[^>]*>/g)).toEqual(paths.map((path) => `<${path}>`));
  });

  test('gets its answer though the client has closed its writing side', async () => {
    let disconnected = 0;
    sandbox.addWorker('hello', (_request, target) => {
      setTimeout(() => {
        target.head(200, '', 'late');
        target.done(fixtureOutcome);
      }, 50);
      return { disconnect: () => void (disconnected += 1) };
    });
    const opened = client();
    opened.send('GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n');
    opened.socket.end();
    expect(await opened.hearsEnd()).toMatch(/late$/);
    expect(disconnected).toBe(1);
  });

  test('tells the worker when the client goes away', async () => {
    let disconnected = 0;
    let started = 0;
    sandbox.addWorker('hello', () => {
      started += 1;
      return { disconnect: () => void (disconnected += 1) };
    });
    const opened = client();
    opened.send('GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n');
    await until(
      () => started === 1,
      () => 'the worker to start',
    );
    opened.socket.resetAndDestroy();
    await until(
      () => disconnected === 1,
      () => 'the worker to hear of it',
    );
  });
});

describe('the request id', () => {
  test('is echoed when harmless and replaced when not', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ requestId }) => ({ body: `id=${requestId}` })),
    );
    const kept = await exchange(get('hello.localhost', ['X-Request-Id: Abc.1_2-3']));
    expect(kept).toContain('\r\nx-request-id: Abc.1_2-3\r\n');
    expect(kept).toContain('id=Abc.1_2-3');
    for (const bad of ['a b', 'x'.repeat(129), '<script>', '']) {
      const answer = await exchange(get('hello.localhost', [`X-Request-Id: ${bad}`]));
      expect(answer).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/);
    }
  });

  test('cannot be set by the worker', async () => {
    sandbox.addWorker(
      'hello',
      answering(() => ({ headers: 'x-request-id\nforged\nx-termination-reason\nok', body: '' })),
    );
    const answer = await exchange(get('hello.localhost'));
    expect(answer).not.toContain('forged');
    expect(answer).not.toContain('x-termination-reason');
  });
});

describe('headers of the platform', () => {
  test('are set from the connection and not believed from a client', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ headers }) => ({ body: `[${headers}]` })),
    );
    const answer = await exchange(
      get('hello.localhost', [
        'X-Forwarded-For: 6.6.6.6',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: evil',
        'X-Real-IP: 6.6.6.6',
        'CF-Connecting-IP: 6.6.6.6',
        'True-Client-IP: 6.6.6.6',
        'Forwarded: for=6.6.6.6',
        'X-Worker-Id: 1',
        'X-OpenWorkers-Depth: 0',
      ]),
    );
    expect(answer).not.toMatch(/6\.6\.6\.6|evil|x-worker-id|x-openworkers/);
    expect(answer).toContain(
      'cf-connecting-ip\n127.0.0.1\nx-real-ip\n127.0.0.1\nx-forwarded-for\n127.0.0.1\nx-forwarded-proto\nhttp]',
    );
  });

  test('are believed from a trusted proxy', async () => {
    await sandbox.stop();
    sandbox = new InProcessSandbox({ boot: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] } });
    port = await sandbox.listen();
    sandbox.addWorker(
      'hello',
      answering(({ headers, url }) => ({ body: `${new URL(url).protocol}[${headers}]` })),
    );
    const answer = await exchange(
      get('hello.localhost', [
        'X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3',
        'X-Forwarded-Proto: https',
      ]),
    );
    expect(answer).toContain('https:[');
    expect(answer).toContain('cf-connecting-ip\n203.0.113.9\n');
    expect(answer).toContain('x-forwarded-for\n203.0.113.9\n');
    expect(answer).not.toContain('6.6.6.6');
  });

  test('that are for one connection only stay there', async () => {
    sandbox.addWorker(
      'hello',
      answering(({ headers }) => ({
        headers: 'keep-alive\ntimeout=1\ntransfer-encoding\nchunked\nx-kept\n1\nupgrade\nh2c',
        body: `[${headers}]`,
      })),
    );
    const answer = await exchange(
      get('hello.localhost', [
        'TE: trailers',
        'Connection: x-private',
        'X-Private: 1',
        'X-Kept: 2',
      ]),
    );
    expect(answer).toContain('x-kept\n2');
    expect(answer).not.toMatch(/te\ntrailers|x-private|connection\n/);
    expect(answer).toContain('x-kept: 1');
    expect(answer).not.toMatch(/keep-alive: |transfer-encoding: |upgrade: /);
  });
});

describe('errors', () => {
  test('say their code and request id in the form the client prefers', async () => {
    const ask = (accept: string): Promise<string> =>
      exchange(get('nobody.localhost', [`Accept: ${accept}`, 'X-Request-Id: r1']));
    const html = await ask('text/html,application/xhtml+xml,*/*;q=0.8');
    expect(html).toMatch(/^HTTP\/1.1 404 Not Found\r\n/);
    expect(html).toContain('content-type: text/html; charset=utf-8');
    expect(html).toContain('<dd>host_not_found</dd>');
    expect(html).toContain('<dd>r1</dd>');
    const json = await ask('application/json');
    expect(JSON.parse(json.split('\r\n\r\n')[1] ?? '')).toEqual({
      error: 'No worker answers on this host.',
      code: 'host_not_found',
      requestId: 'r1',
    });
    const text = await ask('*/*');
    expect(text).toContain('content-type: text/plain');
    expect(text).toContain('code: host_not_found\nrequest id: r1\n');
    expect(await ask('text/html;q=0.1, application/json;q=0.9')).toContain('"code"');
  });

  test('of a worker carry the bare reason, never more', async () => {
    const expected = {
      CpuTimeLimit: [429, 'worker_cpu_limit', undefined],
      MemoryLimit: [429, 'worker_memory_limit', undefined],
      WallClockTimeout: [504, 'worker_wall_limit', undefined],
      Exception: [500, 'worker_exception', undefined],
      NoHandler: [501, 'worker_no_handler', undefined],
      Retired: [503, 'worker_retired', '1'],
      Overloaded: [503, 'overloaded', '1'],
      Busy: [429, 'worker_busy', '1'],
      CallDepth: [508, 'call_depth', undefined],
      SandboxLost: [503, 'sandbox_lost', '1'],
      body_too_large: [413, 'request_body_too_large', undefined],
      unavailable: [503, 'database_unavailable', '5'],
    } as const;
    for (const [reason, [status, code, retryAfter]] of Object.entries(expected)) {
      sandbox.addWorker('failing', (_request, target) => {
        // The keys of the table above are failure reasons.
        target.fail(reason as keyof typeof expected);
        target.done(fixtureOutcome);
      });
      sandbox.peer.sendJson(5, 0, { all: true });
      const answer = await exchange(get('failing.localhost'));
      expect(answer).toContain(`HTTP/1.1 ${status} `);
      expect(answer).toContain(`code: ${code}\n`);
      const isWorkers = /^[A-Z]/.test(reason);
      const header = /\r\nx-termination-reason: (.*)\r\n/.exec(answer)?.[1];
      expect(header).toBe(isWorkers ? reason : undefined);
      expect(/\r\nretry-after: (.*)\r\n/.exec(answer)?.[1]).toBe(retryAfter);
    }
  });

  test.each([
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a.b\r\nHost: a.b\r\nConnection: close\r\n\r\n'],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n'],
    ['a Host with a user', 'GET / HTTP/1.1\r\nHost: a@b\r\nConnection: close\r\n\r\n'],
  ])('%s is a bad request', async (_name, text) => {
    const answer = await exchange(text);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('code: invalid_host');
  });

  test('a response that cannot be sent is an exception of the worker', async () => {
    for (const headers of ['x\na\rb', 'bad name\nv', 'x', `x\n${'y'.repeat(40_000)}`]) {
      sandbox.addWorker(
        'broken',
        answering(() => ({ headers, body: 'no' })),
      );
      sandbox.peer.sendJson(5, 0, { all: true });
      const answer = await exchange(get('broken.localhost'));
      expect(answer).toMatch(/^HTTP\/1.1 500 /);
      expect(answer).toContain('x-termination-reason: Exception');
    }
  });
});

test('every invocation is recorded with its path and status', async () => {
  sandbox.addWorker(
    'hello',
    answering(() => ({ status: 418, body: '' })),
  );
  await exchange(get('hello.localhost', ['X-Request-Id: r7']));
  await until(
    () => sandbox.records.length > 0,
    () => 'a record',
  );
  const [record] = sandbox.records;
  expect(record).toEqual({
    kind: 'invocation',
    ...fixtureOutcome,
    requestId: 'r7',
    timeMs: expect.any(Number) as unknown,
    method: 'GET',
    path: '/a/b',
    status: 418,
  });
});

test('cookies keep their lines, and lose a domain that reaches other tenants', async () => {
  sandbox.addWorker(
    'hello',
    answering(() => ({
      headers: 'set-cookie\na=1; Domain=localhost; Secure\nset-cookie\nb=2; Domain=hello.localhost',
      body: '',
    })),
  );
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ port, host: '127.0.0.1', headers: { host: 'hello.localhost' } }, resolve)
      .on('error', reject)
      .end();
  });
  response.resume();
  expect(response.headers['set-cookie']).toEqual(['a=1; Secure', 'b=2; Domain=hello.localhost']);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { streamedBody, type ResponseTarget } from '../engine/worker-engine.ts';
import {
  answering,
  fixtureOutcome,
  readBody,
  type FixtureWorker,
} from '../testing/fixture-engine.ts';
import { InProcessSandbox, workerId, workerRoute } from '../testing/in-process-sandbox.ts';
import { RawClient } from '../testing/raw-client.ts';
import { upgradeRequest } from '../testing/raw-socket.ts';
import { Relay } from '../testing/relay.ts';
import { until } from '../testing/until.ts';
import { withContentLength } from './content-length.ts';
import { pathOfUrl } from './path-of-url.ts';

/** Has the client. */
let near: InProcessSandbox;
/** Has the worker. */
let far: InProcessSandbox;
let relay: Relay;
let port: number;
const clients: RawClient[] = [];

beforeEach(async () => {
  near = new InProcessSandbox();
  far = new InProcessSandbox();
  relay = new Relay(near, far);
  port = await near.listen();
  await far.listen();
  near.routes.set('far.localhost', workerRoute(1, { placement: 'elsewhere' }));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await near.stop();
  await far.stop();
});

function worker(run: FixtureWorker): void {
  far.engine.workers.set(workerId(1), run);
}

function client(): RawClient {
  const opened = new RawClient(port);
  clients.push(opened);
  return opened;
}

const ask = 'GET /a?b HTTP/1.1\r\nHost: far.localhost\r\nX-Request-Id: r1\r\n\r\n';

test('a request runs in the other sandbox and is recorded only there', async () => {
  worker(
    answering(({ method, url, requestId }) => ({
      headers: 'x-a\n1\ncontent-length\n999',
      body: `${method} ${url} ${requestId}`,
    })),
  );
  const opened = client();
  opened.send(ask);
  const answer = await opened.hears('GET http://far.localhost/a?b r1');
  expect(answer).toContain('x-a: 1\r\n');
  expect(answer).toContain('content-length: 31\r\n');
  expect(answer).toContain('x-request-id: r1\r\n');
  await until(
    () => far.records.length > 0,
    () => 'the record',
  );
  expect(far.records).toMatchObject([{ kind: 'invocation', path: '/a', status: 200 }]);
  expect(near.records).toEqual([]);
  expect(relay.questions).toHaveLength(1);
  expect(near.engine.dispatched).toEqual([]);
});

test('a body is streamed there, many times the window, and the answer back', async () => {
  worker((request, target) => {
    readBody(request, {
      bytesAtOnce: 10_000,
      onEnd: (body) => {
        target.head(200, '', body.toString('latin1'));
        target.done(fixtureOutcome);
      },
    });
  });
  const opened = client();
  const size = 3_000_000;
  opened.send(`POST / HTTP/1.1\r\nHost: far.localhost\r\nContent-Length: ${size}\r\n\r\n`);
  opened.send('x'.repeat(size));
  await until(
    () => opened.receivedBytes > size,
    () => 'the echo',
  );
  expect(opened.text).toContain(`content-length: ${size}\r\n`);
});

test('a streamed response is held back by a client that does not read', async () => {
  let target: ResponseTarget | undefined;
  let credit = 0;
  worker((_request, given) => {
    target = given;
    given.head(200, '', streamedBody);
    return { credit: (bytes) => void (credit += bytes) };
  });
  const opened = client();
  opened.send(ask);
  await opened.hears('\r\n\r\n');
  opened.socket.pause();
  const piece = 64 * 1024;
  let sent = 0;
  await until(
    () => {
      if (sent - credit > 40 * piece) return true;
      target?.chunk(new ArrayBuffer(piece));
      sent += piece;
      return false;
    },
    () => 'the way to be full',
  );
  opened.socket.resume();
  await until(
    () => credit === sent,
    () => 'all credit to come back',
  );
  target?.end();
  target?.done(fixtureOutcome);
  await opened.hears(/0\r\n\r\n$/);
});

test('a failure keeps its reason', async () => {
  worker((_request, target) => {
    target.fail('CpuTimeLimit');
    target.done({ ...fixtureOutcome, outcome: 'CpuTimeLimit' });
  });
  const opened = client();
  opened.send(ask);
  const answer = await opened.hears('request id');
  expect(answer).toMatch(/^HTTP\/1.1 429 /);
  expect(answer).toContain('x-termination-reason: CpuTimeLimit');
});

test('a response that breaks off there breaks off here', async () => {
  let target: ResponseTarget | undefined;
  worker((_request, given) => {
    target = given;
    given.head(200, '', streamedBody);
  });
  const opened = client();
  opened.send(ask);
  await opened.hears('\r\n\r\n');
  target?.abort();
  target?.done(fixtureOutcome);
  const answer = await opened.hearsEnd();
  expect(answer).not.toMatch(/0\r\n\r\n$/);
});

test('a client that leaves is noticed there', async () => {
  let started = 0;
  let disconnected = 0;
  worker(() => {
    started += 1;
    return { disconnect: () => void (disconnected += 1) };
  });
  const opened = client();
  opened.send(ask);
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

test('a WebSocket whose client stops sending first hears the rest, and ends', async () => {
  worker((_request, target) => {
    const connection = target.upgrade('');
    connection?.on('end', () => connection.end('the rest')).resume();
  });
  const opened = client();
  opened.send(upgradeRequest('far.localhost'));
  await opened.hears('\r\n\r\n');
  opened.socket.end();
  expect(await opened.hearsEnd()).toMatch(/the rest$/);
});

test('a WebSocket whose client vanishes is told so there', async () => {
  let isClosed = false;
  worker((_request, target) => {
    target
      .upgrade('')
      ?.on('close', () => (isClosed = true))
      .resume();
  });
  const opened = client();
  opened.send(upgradeRequest('far.localhost'));
  await opened.hears('\r\n\r\n');
  opened.socket.resetAndDestroy();
  await until(
    () => isClosed,
    () => 'the worker to hear of it',
  );
});

test('a worker that does not want the body answers without it', async () => {
  worker((request, target) => {
    request.body?.start({ chunk: () => undefined, end: () => undefined, error: () => undefined });
    request.body?.cancel();
    target.head(200, '', 'no thanks');
    target.done(fixtureOutcome);
  });
  const opened = client();
  opened.send(`POST / HTTP/1.1\r\nHost: far.localhost\r\nContent-Length: 5000000\r\n\r\n`);
  await opened.hears('no thanks');
});

test('when the other sandbox is lost, its requests are told so', async () => {
  worker(() => undefined);
  const opened = client();
  opened.send(ask);
  await until(
    () => far.engine.dispatched.length === 1,
    () => 'the worker to start',
  );
  far.streams.abortAll();
  const answer = await opened.hears('request id');
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
  expect(answer).toContain('x-termination-reason: SandboxLost');
});

test('the length of a whole body replaces what the worker said', () => {
  expect(withContentLength('', 3)).toBe('content-length\n3');
  expect(withContentLength('a\nb\nContent-Length\n9\nc\nd', 3)).toBe(
    'a\nb\nc\nd\ncontent-length\n3',
  );
});

test.each([
  ['http://a.b/c/d?e#f', '/c/d'],
  ['http://a.b', '/'],
  ['https://a.b/', '/'],
  [`http://a.b/${'x'.repeat(2000)}`, `/${'x'.repeat(1023)}`],
])('the path of %s', (url, path) => {
  expect(pathOfUrl(url)).toBe(path);
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultTenantLimits } from '@openworkers/core/limits';
import { streamedBody, type ResponseTarget } from '../engine/worker-engine.ts';
import { answering, fixtureOutcome, readBody } from '../testing/fixture-engine.ts';
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

/** A worker that answers with the length of the body and its first and last characters. */
function addMeter(options: { bytesAtOnce?: number; maxBytes?: number } = {}): void {
  const limits = {
    ...defaultTenantLimits(),
    ...(options.maxBytes === undefined ? {} : { requestBodyBytes: options.maxBytes }),
  };
  sandbox.addWorker(
    'meter',
    (request, target) => {
      readBody(request, {
        ...(options.bytesAtOnce === undefined ? {} : { bytesAtOnce: options.bytesAtOnce }),
        onEnd: (body) => {
          const text = body.toString('latin1');
          target.head(200, '', `<${text.length} ${text.slice(0, 3)} ${text.slice(-3)}>`);
          target.done(fixtureOutcome);
        },
        onError: (reason) => {
          failures.push(reason);
          target.done(fixtureOutcome);
        },
      });
    },
    { limits },
  );
}

const failures: string[] = [];
beforeEach(() => void failures.splice(0));

function post(headers: readonly string[]): string {
  return ['POST / HTTP/1.1', 'Host: meter.localhost', ...headers, '', ''].join('\r\n');
}

function chunked(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

const next = 'GET /next HTTP/1.1\r\nHost: next.localhost\r\n\r\n';

function addNext(): void {
  sandbox.addWorker(
    'next',
    answering(() => ({ body: 'next is served' })),
  );
}

describe('a request body', () => {
  test('reaches the worker whole, never faster than it pulls', async () => {
    addMeter({ bytesAtOnce: 1000 });
    const opened = client();
    const size = 1_000_000;
    opened.send(post([`Content-Length: ${size}`]));
    opened.send(`abc${'.'.repeat(size - 6)}xyz`);
    await opened.hears(`<${size} abc xyz>`);
  });

  test('may be chunked, with extensions and trailers', async () => {
    addMeter();
    addNext();
    const opened = client();
    opened.send(post(['Transfer-Encoding: chunked', 'Trailer: x-sum']));
    opened.send(`3;name=value\r\nabc\r\n${chunked('.'.repeat(100_000))}${chunked('xyz')}`);
    opened.send('0\r\nx-sum: 1\r\n\r\n');
    await opened.hears('<100006 abc xyz>');
    opened.send(next);
    await opened.hears('next is served');
  });

  test('waits in the socket while the worker does not pull', async () => {
    let isWanted = false;
    sandbox.addWorker('meter', (request, target) => {
      const start = (): void => {
        if (!isWanted) {
          setTimeout(start, 5);
          return;
        }
        readBody(request, {
          onEnd: (body) => {
            target.head(200, '', `<${body.length}>`);
            target.done(fixtureOutcome);
          },
        });
      };
      start();
    });
    const opened = client();
    const size = 9_000_000;
    opened.send(post([`Content-Length: ${size}`]));
    opened.send(Buffer.alloc(size));
    await until(
      () => sandbox.engine.dispatched.length === 1,
      () => 'the request to start',
    );
    // What the kernel's buffers do not take stays with the client.
    let before = -1;
    await until(
      () => {
        const isStill = opened.socket.writableLength === before;
        before = opened.socket.writableLength;
        return isStill;
      },
      () => 'the upload to stall',
    );
    expect(opened.socket.writableLength).toBeGreaterThan(0);
    isWanted = true;
    await opened.hears(`<${size}>`);
  });

  test('is asked for with 100 Continue only when the worker reads it', async () => {
    addMeter();
    const opened = client();
    opened.send(post(['Content-Length: 6', 'Expect: 100-continue']));
    await opened.hears('HTTP/1.1 100 Continue\r\n\r\n');
    opened.send('abcxyz');
    await opened.hears('<6 abc xyz>');

    sandbox.addWorker(
      'deaf',
      answering(() => ({ body: 'not interested' })),
    );
    const other = client();
    other.send(post(['Content-Length: 6', 'Expect: 100-continue']).replace('meter', 'deaf'));
    const answer = await other.hearsEnd();
    expect(answer).toContain('not interested');
    expect(answer).toContain('connection: close');
    expect(answer).not.toContain('100 Continue');
  });

  test('that is cut off reaches the worker as aborted', async () => {
    addMeter();
    const opened = client();
    opened.send(post(['Content-Length: 100']));
    opened.send('abc');
    await until(
      () => sandbox.engine.dispatched.length === 1,
      () => 'the request to start',
    );
    opened.socket.resetAndDestroy();
    await until(
      () => failures.length === 1,
      () => 'the worker to hear of it',
    );
    expect(failures).toEqual(['aborted']);
  });

  test('over the limit is refused before it is sent, when its length is known', async () => {
    addMeter({ maxBytes: 1000 });
    const opened = client();
    opened.send(post(['Content-Length: 1001']));
    const answer = await opened.hears('request id');
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('code: request_body_too_large');
    expect(sandbox.engine.dispatched).toEqual([]);
  });

  test('of a refused request does not become the next request', async () => {
    addMeter({ maxBytes: 10 });
    addNext();
    const opened = client();
    opened.send(post([`Content-Length: ${next.length}`]) + next);
    await opened.hears('code: request_body_too_large');
    opened.send(next);
    const answer = await opened.hears('next is served');
    expect(answer.match(/next is served/g)).toHaveLength(1);
  });

  test('over the limit is refused in the middle, when it is chunked', async () => {
    addMeter({ maxBytes: 1000 });
    const opened = client();
    opened.send(post(['Transfer-Encoding: chunked']));
    opened.send(chunked('.'.repeat(999)));
    await until(
      () => sandbox.engine.dispatched.length === 1,
      () => 'the request to start',
    );
    opened.send(chunked('..'));
    const answer = await opened.hearsEnd();
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('connection: close');
    expect(opened.isReset).toBe(false);
    expect(failures).toEqual(['too_large']);
  });

  test('exactly at the limit is accepted', async () => {
    addMeter({ maxBytes: 1000 });
    const opened = client();
    opened.send(post(['Transfer-Encoding: chunked']));
    opened.send(`${chunked('.'.repeat(1000))}0\r\n\r\n`);
    await opened.hears('<1000 ... ...>');
  });

  test('that the worker did not read leaves the connection usable when it is small', async () => {
    sandbox.addWorker(
      'meter',
      answering(() => ({ body: 'early' })),
    );
    addNext();
    const opened = client();
    opened.send(post(['Content-Length: 60000']));
    await opened.hears('early');
    opened.send('x'.repeat(60_000));
    opened.send(next);
    await opened.hears('next is served');
  });

  test('that the worker did not read ends the connection when it is large, after the answer', async () => {
    sandbox.addWorker(
      'meter',
      answering(() => ({ body: 'early' })),
    );
    const opened = client();
    // A client that looks for an answer only after it has sent a good part of its body.
    opened.socket.pause();
    opened.send(post(['Content-Length: 9000000']));
    await until(
      () => sandbox.engine.dispatched.length === 1,
      () => 'the request to start',
    );
    for (let round = 0; round < 30; round += 1) {
      await new Promise((resolve) => opened.socket.write(Buffer.alloc(100_000), resolve));
    }
    opened.socket.resume();
    const answer = await opened.hearsEnd();
    expect(answer).toContain('connection: close');
    expect(answer).toMatch(/early$/);
    expect(opened.isReset).toBe(false);
  });

  test('without an end is not received for ever after the answer', async () => {
    sandbox.addWorker(
      'meter',
      answering(() => ({ body: 'early' })),
    );
    const opened = client();
    opened.send(post(['Transfer-Encoding: chunked']));
    await opened.hears('early');
    const piece = chunked('.'.repeat(60_000));
    const timer = setInterval(() => opened.send(piece), 1);
    await opened.hearsEnd();
    clearInterval(timer);
  });
});

describe('a streamed response', () => {
  let target: ResponseTarget;
  let credit = 0;
  let disconnected = 0;

  function addStreamer(headers = ''): void {
    credit = 0;
    disconnected = 0;
    sandbox.addWorker('stream', (_request, given) => {
      target = given;
      target.head(200, headers, streamedBody);
      return {
        credit: (bytes) => void (credit += bytes),
        disconnect: () => void (disconnected += 1),
      };
    });
  }

  const ask = 'GET / HTTP/1.1\r\nHost: stream.localhost\r\n\r\n';

  test('arrives piece by piece, in chunks', async () => {
    addStreamer();
    const opened = client();
    opened.send(ask);
    await opened.hears('\r\n\r\n');
    target.chunk(new TextEncoder().encode('first').buffer);
    await opened.hears('5\r\nfirst\r\n');
    target.chunk(new TextEncoder().encode('second').buffer);
    await opened.hears('6\r\nsecond\r\n');
    target.end();
    target.done(fixtureOutcome);
    await opened.hears(/0\r\n\r\n$/);
    expect(credit).toBe(11);
  });

  test('is held back by a client that does not read', async () => {
    addStreamer();
    const opened = client();
    opened.send(ask);
    await opened.hears('\r\n\r\n');
    opened.socket.pause();
    let sent = 0;
    const piece = 64 * 1024;
    await until(
      () => {
        // An engine stops at its window; here, when 40 pieces are not taken.
        if (sent - credit > 40 * piece) return true;
        target.chunk(new ArrayBuffer(piece));
        sent += piece;
        return false;
      },
      () => 'the kernel to be full',
    );
    const stalledAt = credit;
    opened.socket.resume();
    await until(
      () => credit === sent,
      () => 'all credit to come back',
    );
    expect(stalledAt).toBeLessThan(sent);
    target.end();
    target.done(fixtureOutcome);
    await opened.hears(/0\r\n\r\n$/);
  });

  test('that breaks off is not taken for a complete one', async () => {
    addStreamer();
    const opened = client();
    opened.send(ask);
    await opened.hears('\r\n\r\n');
    target.chunk(new TextEncoder().encode('half').buffer);
    await opened.hears('half');
    target.abort();
    target.done(fixtureOutcome);
    const answer = await opened.hearsEnd();
    expect(answer).not.toMatch(/0\r\n\r\n$/);
  });

  test('that breaks off resets a client of HTTP/1.0, for which the end is the end', async () => {
    addStreamer();
    const opened = client();
    opened.send(ask.replace('HTTP/1.1', 'HTTP/1.0'));
    await opened.hears('\r\n\r\n');
    target.chunk(new TextEncoder().encode('half').buffer);
    await opened.hears(/\r\n\r\nhalf$/);
    target.abort();
    target.done(fixtureOutcome);
    await opened.hearsEnd();
    expect(opened.isReset).toBe(true);
  });

  test('keeps the length its worker promised, and is cut when it does not', async () => {
    const cases = [
      ['12345', true],
      ['1234', false],
      ['123456', false],
    ] as const;
    for (const [body, isRight] of cases) {
      addStreamer('content-length\n5');
      sandbox.peer.sendJson(5, 0, { all: true });
      const opened = client();
      opened.send(ask);
      await opened.hears('content-length: 5\r\n');
      target.chunk(new TextEncoder().encode(body).buffer);
      target.end();
      target.done(fixtureOutcome);
      if (isRight) {
        await opened.hears(/12345$/);
        expect(opened.isEnded).toBe(false);
      } else await opened.hearsEnd();
      expect(opened.text).not.toContain('123456');
      opened.close();
    }
  });

  test('to HEAD ends at the head, and the worker is told to stop', async () => {
    addStreamer();
    addNext();
    const opened = client();
    opened.send(ask.replace('GET', 'HEAD'));
    await until(
      () => disconnected === 1,
      () => 'the worker to be told',
    );
    target.chunk(new ArrayBuffer(10));
    target.end();
    target.done(fixtureOutcome);
    opened.send(next);
    const answer = await opened.hears('next is served');
    expect(answer.indexOf('HTTP/1.1 200', 10)).toBeGreaterThan(0);
  });

  test('ends when the client leaves', async () => {
    addStreamer();
    const opened = client();
    opened.send(ask);
    await opened.hears('\r\n\r\n');
    opened.socket.resetAndDestroy();
    await until(
      () => disconnected === 1,
      () => 'the worker to be told',
    );
  });
});

test('responses that have no body get no length', async () => {
  sandbox.addWorker(
    'empty',
    answering(() => ({ status: 204, body: null })),
  );
  addNext();
  const opened = client();
  opened.send('GET / HTTP/1.1\r\nHost: empty.localhost\r\n\r\n');
  opened.send(next);
  const answer = await opened.hears('next is served');
  const [first = ''] = answer.split('\r\n\r\n');
  expect(first).toMatch(/^HTTP\/1.1 204 /);
  expect(first).not.toMatch(/content-length|transfer-encoding/i);
});

test('text that looks like nothing else is a body', async () => {
  sandbox.addWorker(
    'odd',
    answering(() => ({ body: 'stream' })),
  );
  const opened = client();
  opened.send('GET / HTTP/1.1\r\nHost: odd.localhost\r\n\r\n');
  await opened.hears(/content-length: 6[^]*\r\n\r\nstream$/);
});

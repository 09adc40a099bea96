import { afterEach, describe, expect, test } from 'vitest';
import { answering, fixtureOutcome, readBody } from '../testing/fixture-engine.ts';
import { InProcessSandbox, type InProcessOptions } from '../testing/in-process-sandbox.ts';
import { RawClient } from '../testing/raw-client.ts';
import { until } from '../testing/until.ts';

let sandbox: InProcessSandbox | undefined;
const clients: RawClient[] = [];

async function start(
  options: InProcessOptions = {},
): Promise<{ sandbox: InProcessSandbox; client: () => RawClient }> {
  const started = new InProcessSandbox(options);
  sandbox = started;
  const port = await started.listen();
  started.addWorker(
    'hello',
    answering(() => ({ body: 'served' })),
  );
  const client = (): RawClient => {
    const opened = new RawClient(port);
    clients.push(opened);
    return opened;
  };
  return { sandbox: started, client };
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await sandbox?.stop();
});

const ask = 'GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n';

describe('limits', () => {
  test('headers over 32 KiB are refused', async () => {
    const { client } = await start();
    const opened = client();
    opened.send(`GET / HTTP/1.1\r\nHost: hello.localhost\r\nX-Big: ${'x'.repeat(33_000)}\r\n\r\n`);
    const answer = await opened.hearsEnd();
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(answer).toContain('code: headers_too_large');
  });

  test('a target over 32 KiB is refused', async () => {
    const { client } = await start();
    const opened = client();
    opened.send(`GET /${'x'.repeat(33_000)} HTTP/1.1\r\nHost: hello.localhost\r\n\r\n`);
    expect(await opened.hearsEnd()).toMatch(/^HTTP\/1.1 431 /);
  });

  test('headers near 32 KiB pass', async () => {
    const { client } = await start();
    const opened = client();
    opened.send(`GET / HTTP/1.1\r\nHost: hello.localhost\r\nX-Big: ${'x'.repeat(32_000)}\r\n\r\n`);
    await opened.hears('served');
  });

  test('more than 200 headers are refused, and the connection goes on', async () => {
    const { client, sandbox: started } = await start();
    const opened = client();
    const headers = Array.from({ length: 200 }, (_, index) => `x-${index}: 1\r\n`).join('');
    opened.send(`GET / HTTP/1.1\r\nHost: hello.localhost\r\n${headers}\r\n`);
    const answer = await opened.hears('code: headers_too_large');
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(started.engine.dispatched).toEqual([]);
    opened.send(ask);
    await opened.hears('served');
  });
});

describe('timeouts', () => {
  test('a head that does not become complete is answered 408', async () => {
    const { client } = await start({ timeouts: { headersMs: 100 } });
    const opened = client();
    opened.send('GET / HTTP/1.1\r\nHost: hel');
    const answer = await opened.hearsEnd();
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain('code: request_timeout');
  });

  test('a head that trickles in is answered 408 as well', async () => {
    const { client } = await start({ timeouts: { headersMs: 200 } });
    const opened = client();
    opened.send('GET / HTTP/1.1\r\nHost: hello.localhost\r\n');
    const timer = setInterval(() => opened.send('x: y\r\n'), 20);
    const answer = await opened.hearsEnd();
    clearInterval(timer);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  test('an idle connection is closed without a word', async () => {
    const { client } = await start({ timeouts: { keepAliveMs: 100 } });
    const opened = client();
    opened.send(ask);
    expect(await opened.hearsEnd()).toMatch(/served$/);
  });

  test('a connection of a dead sandbox that stays silent is closed soon', async () => {
    const { client, sandbox: started } = await start();
    started.hint = { mustSpeakWithinMs: 300 };
    const silent = client();
    const speaking = client();
    speaking.send(ask);
    await speaking.hears('served');
    expect(await silent.hearsEnd()).toBe('');
    speaking.clear();
    speaking.send(ask);
    await speaking.hears('served');
  });

  test('a running request keeps its connection open', async () => {
    const { client, sandbox: started } = await start({ timeouts: { keepAliveMs: 50 } });
    started.addWorker('slow', (_request, target) => {
      setTimeout(() => {
        target.head(200, '', 'slowly');
        target.done(fixtureOutcome);
      }, 400);
    });
    const opened = client();
    opened.send(ask.replace('hello', 'slow'));
    await opened.hears('slowly');
  });

  test('a body that the worker waits for and that stops is answered 408', async () => {
    const { client, sandbox: started } = await start({ timeouts: { bodyIdleMs: 100 } });
    const heard: string[] = [];
    started.addWorker('meter', (request, target) => {
      readBody(request, {
        onEnd: () => undefined,
        onError: (reason) => {
          heard.push(reason);
          target.done(fixtureOutcome);
        },
      });
      return { disconnect: () => void heard.push('disconnect') };
    });
    const opened = client();
    opened.send('POST / HTTP/1.1\r\nHost: meter.localhost\r\nContent-Length: 10\r\n\r\nabc');
    const answer = await opened.hearsEnd();
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(heard).toEqual(['timeout', 'disconnect']);
  });

  test('a client that does not take its answer is cut off', async () => {
    const { client, sandbox: started } = await start({ timeouts: { writeIdleMs: 300 } });
    const big = 'x'.repeat(20_000_000);
    started.addWorker(
      'big',
      answering(() => ({ body: big })),
    );
    const opened = client();
    opened.send(ask.replace('hello', 'big'));
    await opened.hears('HTTP/1.1 200');
    opened.socket.pause();
    await until(
      () => started.changes.includes('1:closed'),
      () => 'the connection to be closed',
    );
  });
});

describe('what parties could understand differently', () => {
  const body = 'GET /smuggled HTTP/1.1\r\nHost: hello.localhost\r\n\r\n';
  test.each([
    ['length and chunked', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
    ['chunked and length', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
    ['two lengths', ['Content-Length: 4', 'Content-Length: 5']],
    ['a list of lengths', ['Content-Length: 4, 5']],
    ['a signed length', ['Content-Length: +4']],
    ['a hexadecimal length', ['Content-Length: 0x4']],
    ['chunked not last', ['Transfer-Encoding: chunked, identity']],
    ['unknown coding', ['Transfer-Encoding: xchunked']],
    ['a folded header', ['X-A: 1', ' Content-Length: 4']],
    ['space before the colon', ['Content-Length : 4']],
    ['an invalid name', ['X[]: 1']],
    ['a bare CR in a value', ['X-A: 1\rContent-Length: 4']],
    ['a NUL in a value', ['X-A: 1\0']],
  ])('%s is refused and closes the connection', async (_name, lines) => {
    const { client, sandbox: started } = await start();
    const opened = client();
    opened.send(`POST / HTTP/1.1\r\nHost: hello.localhost\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
    const answer = await opened.hearsEnd();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1);
    expect(started.engine.dispatched).toEqual([]);
  });

  test.each([
    ['an impossible chunk size', 'zz\r\n'],
    ['a chunk without its line end', '3\r\nabcdef\r\n0\r\n\r\n'],
    ['a bare line feed in a chunk size', '3\nabc\r\n0\r\n\r\n'],
  ])('%s is refused and closes the connection', async (_name, chunks) => {
    const { client, sandbox: started } = await start();
    started.addWorker('meter', (request, target) => {
      readBody(request, { onEnd: () => undefined, onError: () => target.done(fixtureOutcome) });
    });
    const opened = client();
    opened.send('POST / HTTP/1.1\r\nHost: meter.localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    opened.send(chunks + body);
    const answer = await opened.hearsEnd();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1);
  });

  test.each([
    ['garbage', 'hello\r\n\r\n'],
    ['an old version', 'GET / HTTP/0.9\r\n\r\n'],
    ['HTTP/2 in the clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s is refused', async (_name, bytes) => {
    const { client } = await start();
    const opened = client();
    opened.send(Buffer.from(bytes, 'latin1'));
    const answer = await opened.hearsEnd();
    expect(answer).toMatch(/^(HTTP\/1.1 400 |$)/);
  });
});

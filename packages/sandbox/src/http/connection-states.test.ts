import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frameTypes } from '../protocol/messages.ts';
import { fixtureOutcome } from '../testing/fixture-engine.ts';
import type { ResponseTarget } from '../engine/worker-engine.ts';
import { InProcessSandbox } from '../testing/in-process-sandbox.ts';
import { RawClient } from '../testing/raw-client.ts';
import { until } from '../testing/until.ts';

let sandbox: InProcessSandbox;
let port: number;
let target: ResponseTarget | undefined;
/** What the runner had been told when the worker started. */
let toldAtStart: string[];
const clients: RawClient[] = [];

beforeEach(async () => {
  sandbox = new InProcessSandbox();
  port = await sandbox.listen();
  target = undefined;
  sandbox.addWorker('slow', (_request, given) => {
    target = given;
    toldAtStart = [...sandbox.changes];
  });
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

async function told(...changes: string[]): Promise<void> {
  await until(
    () => sandbox.changes.length >= changes.length,
    () => `${changes.join(', ')}; heard ${sandbox.changes.join(', ')}`,
  );
  expect(sandbox.changes).toEqual(changes);
}

function answer(): void {
  target?.head(200, '', 'done');
  target?.done(fixtureOutcome);
}

const ask = 'GET / HTTP/1.1\r\nHost: slow.localhost\r\n\r\n';

describe('the runner is told', () => {
  test('busy before the worker starts, idle after its answer, closed at the end', async () => {
    const opened = client();
    opened.send(ask);
    await until(
      () => target !== undefined,
      () => 'the worker to start',
    );
    expect(toldAtStart).toEqual(['1:busy']);
    await told('1:busy');
    answer();
    await opened.hears('done');
    await told('1:busy', '1:idle');
    opened.socket.end();
    await told('1:busy', '1:idle', '1:closed');
  });

  test('busy at the first byte of a request', async () => {
    const opened = client();
    opened.send('G');
    await told('1:busy');
    opened.close();
    await told('1:busy', '1:closed');
  });

  test('nothing of an empty line, which may come between requests', async () => {
    const opened = client();
    opened.send('\r\n\r\n');
    opened.send('G');
    await told('1:busy');
  });

  test('busy while a body is received for nothing', async () => {
    const opened = client();
    opened.send('POST / HTTP/1.1\r\nHost: slow.localhost\r\nContent-Length: 10\r\n\r\n');
    await until(
      () => target !== undefined,
      () => 'the worker to start',
    );
    answer();
    await opened.hears('done');
    await told('1:busy');
    opened.send('0123456789');
    await told('1:busy', '1:idle');
  });
});

describe('while draining', () => {
  function drain(): void {
    sandbox.peer.send(frameTypes.drain, 0);
  }

  async function drained(): Promise<void> {
    await until(
      () => sandbox.isDrained,
      () => 'the end of draining',
    );
  }

  test('idle connections are released at once', async () => {
    const opened = client();
    opened.send(ask);
    await until(
      () => target !== undefined,
      () => 'the worker to start',
    );
    answer();
    await told('1:busy', '1:idle');
    drain();
    await drained();
    expect(sandbox.changes).toEqual(['1:busy', '1:idle', '1:released']);
  });

  test('a connection in the middle of a request head is kept until its answer', async () => {
    const opened = client();
    opened.send(ask.slice(0, 10));
    await told('1:busy');
    drain();
    opened.send(ask.slice(10));
    await until(
      () => target !== undefined,
      () => 'the worker to start',
    );
    expect(sandbox.isDrained).toBe(false);
    answer();
    await drained();
    expect(sandbox.changes).toEqual(['1:busy', '1:released']);
  });

  test('work after the answer is waited for', async () => {
    const opened = client();
    opened.send(ask);
    await until(
      () => target !== undefined,
      () => 'the worker to start',
    );
    target?.head(200, '', 'done');
    await told('1:busy', '1:idle');
    drain();
    await told('1:busy', '1:idle', '1:released');
    expect(sandbox.isDrained).toBe(false);
    target?.done(fixtureOutcome);
    await drained();
  });
});

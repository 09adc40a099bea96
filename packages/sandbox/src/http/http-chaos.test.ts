import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import fc from 'fast-check';
import { streamedBody } from '../engine/worker-engine.ts';
import { answering, fixtureOutcome, readBody } from '../testing/fixture-engine.ts';
import { InProcessSandbox } from '../testing/in-process-sandbox.ts';
import { RawClient } from '../testing/raw-client.ts';
import { until } from '../testing/until.ts';

let sandbox: InProcessSandbox;
let port: number;

beforeEach(async () => {
  sandbox = new InProcessSandbox({ timeouts: { lingerMs: 100 } });
  port = await sandbox.listen();
  sandbox.addWorker(
    'plain',
    answering(() => ({ body: 'plain' })),
  );
  sandbox.addWorker('echo', (request, target) => {
    readBody(request, {
      onEnd: (body) => {
        target.head(200, '', body.toString('latin1'));
        target.done(fixtureOutcome);
      },
      onError: () => target.done(fixtureOutcome),
    });
  });
  sandbox.addWorker('stream', (_request, target) => {
    target.head(200, '', streamedBody);
    let left = 20;
    const timer = setInterval(() => {
      left -= 1;
      target.chunk(new ArrayBuffer(10_000));
      if (left > 0) return;
      clearInterval(timer);
      target.end();
      target.done(fixtureOutcome);
    }, 1);
    return {
      disconnect: () => {
        if (left <= 0) return;
        left = 0;
        clearInterval(timer);
        target.abort();
        target.done(fixtureOutcome);
      },
    };
  });
  sandbox.addWorker('late', (_request, target) => {
    setTimeout(() => {
      target.head(200, '', 'x'.repeat(100_000));
      target.done(fixtureOutcome);
    }, 5);
  });
});

afterEach(() => sandbox.stop());

const hosts = fc.constantFrom('plain', 'echo', 'stream', 'late', 'nobody');
const requests = fc
  .tuple(fc.constantFrom('GET', 'HEAD', 'POST', 'PROPFIND'), hosts, fc.nat(50_000))
  .map(([method, host, size]) =>
    method === 'POST'
      ? `POST / HTTP/1.1\r\nHost: ${host}.localhost\r\nContent-Length: ${size}\r\n\r\n${'b'.repeat(size)}`
      : `${method} / HTTP/1.1\r\nHost: ${host}.localhost\r\n\r\n`,
  );
const chunks = fc.tuple(hosts, fc.array(fc.nat(5000), { maxLength: 5 })).map(
  ([host, sizes]) =>
    `PUT / HTTP/1.1\r\nHost: ${host}.localhost\r\nTransfer-Encoding: chunked\r\n\r\n${sizes
      .filter((size) => size > 0)
      .map((size) => `${size.toString(16)}\r\n${'c'.repeat(size)}\r\n`)
      .join('')}0\r\n\r\n`,
);
const garbage = fc.string({ maxLength: 40 });
const conversation = fc.record({
  parts: fc.array(
    fc.oneof({ weight: 5, arbitrary: requests }, { weight: 3, arbitrary: chunks }, garbage),
    { minLength: 1, maxLength: 6 },
  ),
  /** How much of what there is to say is said. */
  share: fc.double({ min: 0.05, max: 1, noNaN: true }),
  farewell: fc.constantFrom('end', 'reset', 'destroy', 'wait'),
});

function say(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => resolve());
    socket.write(text, 'latin1', () => resolve());
  });
}

test('clients that stop, leave and mix up everything leave nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(conversation, async ({ parts, share, farewell }) => {
      const socket = connect(port, '127.0.0.1');
      socket.resume();
      const text = parts.join('');
      await say(socket, text.slice(0, Math.ceil(text.length * share)));
      if (farewell === 'end') socket.end();
      else if (farewell === 'reset') socket.resetAndDestroy();
      else if (farewell === 'destroy') socket.destroy();
      else setTimeout(() => socket.destroy(), 20);
    }),
    { numRuns: 1500 },
  );
  await until(
    () => sandbox.engine.activeEvents === 0,
    () => `${sandbox.engine.activeEvents} events to end`,
  );
  await until(
    () => sandbox.openConnections === 0,
    () => `${sandbox.openConnections} connections to close`,
  );
  expect(sandbox.engine.dispatched.length).toBeGreaterThan(300);
  const client = new RawClient(port);
  client.send('GET / HTTP/1.1\r\nHost: plain.localhost\r\n\r\n');
  expect(await client.hears(/plain$/)).toMatch(/^HTTP\/1.1 200 /);
  client.close();
}, 60_000);

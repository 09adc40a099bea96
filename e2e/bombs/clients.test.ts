import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, until } from '../testing/http-client.ts';
import { sandboxMiB } from '../testing/sandboxes.ts';
import { BombRange, failuresOf, isSameProcess, type Damage } from './bomb-range.ts';
import { openSockets, readAll } from './raw-clients.ts';

let range: BombRange;
let host: string;

beforeAll(async () => {
  range = await BombRange.open();
  host = await range.plant({
    module: 'let aborted = 0; let started = 0; const piece = new Uint8Array(65_536);',
    handler: `const { pathname } = new URL(request.url);
      if (pathname === '/aborted') return new Response(String(aborted));
      if (pathname === '/started') return new Response(String(started));
      if (pathname === '/read') { let size = 0; for await (const chunk of request.body) size += chunk.byteLength; return new Response(String(size)); }
      if (pathname === '/endless') {
        started += 1;
        request.signal.addEventListener('abort', () => { aborted += 1; });
        return new Response(new ReadableStream({ pull(c) { c.enqueue(piece.slice()); } }));
      }`,
    limits: { concurrency: 1_000, cpuMs: 10_000 },
  });
  await range.untilServing(host, '/calm');
});
afterAll(async () => {
  console.log(range.report());
  await range.close();
});

function expectUntouched(name: string, ended: string, damage: Damage): void {
  range.note(name, ended, damage);
  expect(damage.neighbour.requests).toBeGreaterThan(0);
  expect(failuresOf(damage.neighbour)).toBe(0);
  expect(isSameProcess(damage)).toBe(true);
}

const head = (path: string, lines = ''): string =>
  `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines}\r\n`;

describe('clients that mean ill cost neither process nor neighbour', () => {
  test('huge headers are refused with 431', async () => {
    const damage = await range.attack(4, async () => {
      const statuses = await Promise.all(
        [33_000, 100_000, 1_000_000].map(async (size) => {
          const headers = { 'x-large': 'x'.repeat(size) };
          // A refusal may come before all of it was sent: then the connection is cut.
          return call({ port: range.platform.port, host, headers }).then(
            ({ status }) => status,
            () => 431,
          );
        }),
      );
      expect(statuses).toEqual([431, 431, 431]);
    });
    expectUntouched('huge headers', '431', damage);
  });

  test('more header lines than allowed are refused with 431', async () => {
    const damage = await range.attack(4, async () => {
      const [socket] = await openSockets(range.platform.port, 1);
      socket?.write(head('/', 'x-many: 1\r\n'.repeat(2_000)));
      const text = await readAll(socket ?? expect.fail('no socket'), {
        isEnough: (seen) => seen.includes('\r\n\r\n'),
        timeoutMs: 5_000,
      });
      expect(text).toMatch(/^HTTP\/1\.1 431 /);
      socket?.destroy();
    });
    expectUntouched('many header lines', '431', damage);
  });

  test('huge bodies are refused with 413, eight at once', async () => {
    const body = new Uint8Array(40 * 1024 * 1024);
    const damage = await range.attack(4, async () => {
      const statuses = await Promise.all(
        Array.from({ length: 8 }, async () =>
          call({ port: range.platform.port, host, path: '/read', method: 'POST', body }).then(
            ({ status }) => status,
            () => 413,
          ),
        ),
      );
      expect(statuses).toEqual(Array(8).fill(413));
    });
    expectUntouched('eight huge bodies', '413', damage);
  });

  test('a body that the worker never reads harms nobody, and the connection stays usable or closes', async () => {
    const body = new Uint8Array(10 * 1024 * 1024);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const damage = await range.attack(4, async () => {
      for (let round = 0; round < 5; round += 1) {
        const answer = await call({
          port: range.platform.port,
          host,
          path: '/ignore',
          method: 'POST',
          body,
          agent,
        });
        expect(answer).toMatchObject({ status: 200, body: 'survived' });
      }
    });
    agent.destroy();
    expectUntouched('bodies never read', '200', damage);
  });

  test('a body that never comes does not hold back an answer', async () => {
    const damage = await range.attack(4, async () => {
      const sockets = await openSockets(range.platform.port, 50);
      const answers = await Promise.all(
        sockets.map(async (socket) => {
          socket.write(
            `POST /ignore HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 1000000\r\n\r\nx`,
          );
          return readAll(socket, {
            isEnough: (text) => text.includes('survived'),
            timeoutMs: 5_000,
          });
        }),
      );
      expect(answers.filter((text) => !text.startsWith('HTTP/1.1 200 '))).toEqual([]);
      for (const socket of sockets) socket.destroy();
    });
    expectUntouched('bodies that never come', '200', damage);
  });

  test('clients that never read hold their worker back, not the memory of the process', async () => {
    const mibBefore = sandboxMiB(range.platform);
    const abortedBefore = await ask('/aborted');
    const damage = await range.attack(4, async () => {
      const sockets = await openSockets(range.platform.port, 100);
      for (const socket of sockets) socket.write(head('/endless'));
      await until(async () => (await ask('/started')) >= 100, 10_000, 'all streams started');
      // Long enough for every window on the way to be full.
      const startedAt = performance.now();
      let largest = 0;
      const isFull = (): boolean => {
        largest = Math.max(largest, sandboxMiB(range.platform));
        return performance.now() - startedAt > 1_000;
      };
      await until(isFull, 2_000, 'a second of streaming');
      const answer = await call({ port: range.platform.port, host, path: '/calm' });
      expect(answer.status).toBe(200);
      expect(largest - mibBefore).toBeLessThan(512);
      for (const socket of sockets) socket.destroy();
      const isSeen = async (): Promise<boolean> => (await ask('/aborted')) === abortedBefore + 100;
      await until(isSeen, 30_000, 'the worker saw that all clients have gone');
    });
    expectUntouched('100 clients that never read', '200', damage);
  });

  test('requests in one write are answered one after the other, and too many are cut off', async () => {
    const damage = await range.attack(4, async () => {
      const answered = await Promise.all([1_000, 20_000].map((requests) => pipeline(requests)));
      expect(answered[0]).toBe(1_000);
      expect(answered[1]).toBeLessThanOrEqual(20_000);
    });
    expectUntouched('pipelined requests', '200', damage);
  });

  test('clients that hang up at once, by the hundred', async () => {
    const damage = await range.attack(4, async () => {
      for (let round = 0; round < 5; round += 1) {
        const sockets = await openSockets(range.platform.port, 200);
        for (const socket of sockets) {
          socket.write(head('/endless'));
          socket.resetAndDestroy();
        }
      }
    });
    expectUntouched('1 000 resets', 'cut', damage);
  });

  test('an endless chunk extension is cut off', async () => {
    const damage = await range.attack(4, async () => {
      const [socket] = await openSockets(range.platform.port, 1);
      if (socket === undefined) return;
      socket.write(`POST /read HTTP/1.1\r\nhost: ${host}\r\ntransfer-encoding: chunked\r\n\r\n1;`);
      for (let i = 0; i < 64; i += 1) socket.write('x'.repeat(65_536));
      const text = await readAll(socket, {
        isEnough: (seen) => seen.includes('\r\n\r\n'),
        timeoutMs: 10_000,
      });
      expect(text).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
      socket.destroy();
    });
    expectUntouched('an endless chunk extension', '4xx', damage);
  });

  test('two thousand idle connections and five hundred heads that never end; those are closed', async () => {
    const mibBefore = sandboxMiB(range.platform);
    const damage = await range.attack(32, async () => {
      const idle = await openSockets(range.platform.port, 2_000);
      const slow = await openSockets(range.platform.port, 500);
      let closed = 0;
      for (const socket of slow) {
        socket.resume();
        socket.on('close', () => (closed += 1));
        socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nx-slow: `);
      }
      const drip = setInterval(() => {
        for (const socket of slow) if (socket.writable) socket.write('x');
      }, 500);
      await until(() => closed === slow.length, 30_000, 'slow heads were closed');
      clearInterval(drip);
      expect(sandboxMiB(range.platform) - mibBefore).toBeLessThan(256);
      for (const socket of idle) socket.destroy();
    });
    expectUntouched('2 000 idle, 500 slow heads', 'closed', damage);
  });
});

/** Sends so many requests at once; answers how many were answered. */
async function pipeline(requests: number): Promise<number> {
  const [socket] = await openSockets(range.platform.port, 1);
  if (socket === undefined) throw new Error('no socket');
  socket.write(head('/').repeat(requests));
  const text = await readAll(socket, {
    isEnough: (seen) => seen.endsWith('survived') && count(seen) === requests,
    timeoutMs: 30_000,
  });
  socket.destroy();
  return count(text);
}

async function ask(path: string): Promise<number> {
  return Number((await call({ port: range.platform.port, host, path })).body);
}

function count(text: string): number {
  return text.split('HTTP/1.1 200 ').length - 1;
}

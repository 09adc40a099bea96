import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isAlive, killProcess } from './testing/kill-process.ts';
import { startTestRunner, type TestRunner } from './testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { until } from './testing/until.ts';

/** Spins for minutes on `/spin`, and is a decent worker otherwise. */
const suspectCode = `
let pulls = 0;
export default {
  async fetch(request) {
    const pathname = request.url.slice(request.url.lastIndexOf('/'));
    if (pathname === '/spin') { console.log('spinning'); await 1; for (let i = 0; i < 1e12; i++); }
    if (pathname === '/pulls') return new Response(String(pulls));
    if (pathname === '/echo') return new Response(request.body, { headers: { 'x-echo': 'yes' } });
    if (pathname === '/flood') return new Response(new ReadableStream({
      pull(controller) { pulls += 1; controller.enqueue(new Uint8Array(65536)); },
      cancel() { console.log('flood cancelled'); },
    }));
    return new Response('suspect', { headers: { 'set-cookie': 'a=1' } });
  },
};`;

/** Its loop is one native call, which nothing but the end of the process stops. */
const stuckCode = `
export default {
  fetch(request) {
    if (request.url.endsWith('/stuck')) (7n ** (10n ** 8n)).toString();
    return new Response('decent');
  },
};`;

const slowCode = `
export default {
  async fetch() {
    console.log('begun');
    await new Promise((done) => setTimeout(done, 5_000));
    return new Response('at last');
  },
};`;

let workers: TestWorkers;
let runner: TestRunner;
let suspectId: string;

beforeAll(async () => {
  workers = await openTestWorkers();
  suspectId = await workers.create('suspect');
  await workers.deploy(suspectId, suspectCode);
  await workers.setCpuLimit(suspectId, 600_000);
  const id = await workers.create('neighbour');
  await workers.deploy(id, `export default { fetch: () => new Response('neighbour') };`);
});
afterAll(() => workers.close());

beforeEach(async () => {
  runner = await startTestRunner({ databaseUrl: workers.test.roles.runner });
  await runner.untilAnswers('suspect', 'suspect');
  await runner.untilAnswers('neighbour', 'neighbour');
  return () => runner.stop();
});

/** Makes the sandbox die while the suspect runs in it. */
async function disgrace(): Promise<void> {
  const request = runner.call('suspect', { path: '/spin' }).catch(() => undefined);
  await until(() => runner.hasLogged('spinning'), { timeoutMs: 5_000, what: 'the loop runs' });
  // Longer than a tick of the watchdog, so that it has been named as running.
  await until(() => runner.isRunning('suspect'), { timeoutMs: 5_000, what: 'it is seen running' });
  killProcess(runner.runner.sandboxPids.serving);
  await request;
  await runner.untilAnswers('neighbour', 'neighbour', 2_000);
}

describe('a worker that ran when its sandbox died', () => {
  test('is served from a process of its own, and no neighbour is', async () => {
    await disgrace();
    expect(runner.runner.sandboxPids.quarantine).toEqual([]);
    const answer = await runner.call('suspect');
    expect(answer).toMatchObject({
      status: 200,
      body: 'suspect',
      headers: { 'set-cookie': ['a=1'] },
    });
    expect(runner.runner.sandboxPids.quarantine).toHaveLength(1);
    const moved = runner.log.filter(({ msg }) => msg === 'worker moves to quarantine');
    expect(moved).toMatchObject([{ workerId: suspectId, stayMs: 60_000 }]);
  });

  test('takes only itself along when it dies again', async () => {
    await disgrace();
    await runner.call('suspect');
    const shared = runner.runner.sandboxPids.serving;
    const [own] = runner.runner.sandboxPids.quarantine;
    const headers = { accept: 'application/json' };
    const [answer] = await Promise.all([
      runner.call('suspect', { path: '/spin', headers }),
      until(() => runner.isRunning('suspect'), { timeoutMs: 5_000, what: 'it runs' }).then(() =>
        killProcess(own),
      ),
    ]);
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'sandbox_lost' });
    await runner.untilAnswers('suspect', 'suspect', 5_000);
    expect(runner.runner.sandboxPids.serving).toBe(shared);
    const stays = runner.log.filter(({ msg }) => msg === 'worker moves to quarantine');
    expect(stays.map(({ stayMs }) => stayMs)).toEqual([60_000, 120_000]);
  });

  test('gets request bodies and gives response bodies as streams, both at once', async () => {
    await disgrace();
    const pieces = 64;
    const piece = Buffer.alloc(32 * 1024, 'x');
    async function* upload(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < pieces; index += 1) yield piece;
    }
    const answer = await runner.call('suspect', {
      path: '/echo',
      method: 'POST',
      body: upload(),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-echo']).toBe('yes');
    expect(answer.body.length).toBe(pieces * piece.length);
  });

  test('answers piece by piece while the request is still being sent', async () => {
    await disgrace();
    const { socket, text } = await openRaw('POST /echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n');
    socket.write('5\r\nfirst\r\n');
    await until(() => text().includes('first'), { timeoutMs: 5_000, what: 'the first piece' });
    socket.write('6\r\nsecond\r\n0\r\n\r\n');
    await until(() => text().includes('second'), { timeoutMs: 5_000, what: 'the second piece' });
    socket.destroy();
  });

  test('is not read faster than the client reads, and hears that the client has gone', async () => {
    await disgrace();
    const { socket, text } = await openRaw('GET /flood HTTP/1.1\r\n');
    await until(() => text().includes('200 OK'), { timeoutMs: 5_000, what: 'the head' });
    const pulled = async (): Promise<number> =>
      Number((await runner.call('suspect', { path: '/pulls' })).body);
    let last = 0;
    await until(
      async () => {
        const now = await pulled();
        const isStill = now > 0 && now === last;
        last = now;
        return isStill;
      },
      { timeoutMs: 10_000, what: 'the worker waits' },
    );
    // What fits into the windows and the socket buffers, and no more.
    expect(last * 64 * 1024).toBeLessThan(16 * 1024 * 1024);
    socket.destroy();
    await until(() => runner.hasLogged('flood cancelled'), {
      timeoutMs: 5_000,
      what: 'the stream is cancelled',
    });
  });

  test('sees its deploys and is logged like any other', async () => {
    await disgrace();
    await runner.untilAnswers('suspect', 'suspect');
    await workers.deploy(suspectId, `export default { fetch: () => new Response('mended') };`);
    try {
      await runner.untilAnswers('suspect', 'mended', 1_000);
      await until(
        () =>
          runner.records.some(
            (it) => it.instance?.workerId === suspectId && it.instance.version === 2,
          ),
        { timeoutMs: 2_000, what: 'its record' },
      );
    } finally {
      await workers.deploy(suspectId, suspectCode);
    }
  });
});

describe('a script that cannot be stopped', () => {
  test('costs its sandbox the place, and no neighbour a request', async () => {
    const stuckId = await workers.create('stuck');
    await workers.deploy(stuckId, stuckCode);
    const slowId = await workers.create('slow');
    await workers.deploy(slowId, slowCode);
    const before = runner.runner.sandboxPids.serving;
    const inFlight = runner.call('slow');
    await until(() => runner.hasLogged('begun'), { timeoutMs: 5_000, what: 'a slow neighbour' });
    let isOver = false;
    const statuses: number[] = [];
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!isOver) statuses.push((await runner.call('neighbour')).status);
      }),
    );
    const stuck = await runner.call('stuck', { path: '/stuck', timeoutMs: 20_000 });
    expect(stuck.status).toBe(429);
    await until(() => ![undefined, before].includes(runner.runner.sandboxPids.serving), {
      timeoutMs: 10_000,
      what: 'another sandbox serves',
    });
    await until(() => runner.runner.sandboxPids.draining.length === 0, {
      timeoutMs: 20_000,
      what: 'the old one is gone',
    });
    isOver = true;
    await load;
    expect(await inFlight).toMatchObject({ status: 200, body: 'at last' });
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(await runner.call('stuck')).toMatchObject({ status: 200, body: 'decent' });
    expect(runner.runner.sandboxPids.quarantine).toHaveLength(1);
    expect(isAlive(before)).toBe(false);
  });
});

async function openRaw(head: string): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(runner.port, '127.0.0.1');
  let received = '';
  socket.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1');
    // One look is enough; from then on it does not read.
    if (received.length > 1_000) socket.pause();
  });
  socket.on('error', () => undefined);
  socket.write(`${head}host: suspect.localhost\r\n\r\n`);
  return { socket, text: () => received };
}

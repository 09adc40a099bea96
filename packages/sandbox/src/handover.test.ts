import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { frameTypes } from './protocol/messages.ts';
import { answerForwarded, ProcessPeer } from './testing/process-peer.ts';
import { RawClient } from './testing/raw-client.ts';
import { until } from './testing/until.ts';

let peer: ProcessPeer;
let port: number;
const clients: RawClient[] = [];

beforeEach(async () => {
  peer = new ProcessPeer();
  port = await peer.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await peer.stop();
});

function client(): RawClient {
  const opened = new RawClient(port);
  clients.push(opened);
  return opened;
}

const page = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const worker = 'GET /w HTTP/1.1\r\nHost: w.localhost\r\n\r\n';
const pageEnd = /<\/html>\n$/;

async function ask(opened: RawClient): Promise<void> {
  opened.clear();
  opened.send(page);
  await opened.hears(pageEnd);
}

async function becomesIdle(): Promise<void> {
  await until(
    () => peer.busyCount === 0,
    () => 'all connections to be idle',
  );
}

async function forwardedCount(count: number): Promise<void> {
  await until(
    () => peer.forwarded.length === count,
    () => `${count} forwarded requests`,
  );
}

/** Starting a process takes half a second of CPU, and this machine may be busy. */
const slow = { timeout: 120_000 };

describe('when a sandbox is killed', slow, () => {
  test('idle connections go on in the next one', async () => {
    const idle = Array.from({ length: 8 }, client);
    await Promise.all(idle.map(ask));
    const unused = client();
    await becomesIdle();
    await until(
      () => peer.connectionCount === 9,
      () => 'all connections',
    );
    const old = peer.current;
    old.process.kill();
    await old.process.exited;
    await peer.startSandbox();
    await Promise.all([...idle, unused].map(ask));
    expect(peer.current.process.pid).not.toBe(old.process.pid);
    expect([...idle, unused].filter(({ isEnded, isReset }) => isEnded || isReset)).toEqual([]);
  });

  test('a request sent while there is none is answered by the next one', async () => {
    const opened = client();
    await ask(opened);
    await becomesIdle();
    const old = peer.current;
    old.process.kill();
    await old.process.exited;
    opened.clear();
    opened.send(page);
    await peer.startSandbox();
    await opened.hears(pageEnd);
  });

  test('busy connections end, and so does one in the middle of a request head', async () => {
    const running = client();
    running.send(worker);
    const half = client();
    half.send('GET / HTTP/1.1\r\nHos');
    await forwardedCount(1);
    await until(
      () => peer.busyCount === 2,
      () => 'both connections to be busy',
    );
    const old = peer.current;
    old.process.kill();
    await old.process.exited;
    await peer.startSandbox();
    await Promise.all([running.hearsEnd(), half.hearsEnd()]);
    expect(running.text).toBe('');
  });
});

describe('when a sandbox drains', slow, () => {
  test('its idle connections go on in the next one, and it is done', async () => {
    const idle = Array.from({ length: 8 }, client);
    await Promise.all(idle.map(ask));
    await becomesIdle();
    const old = await peer.startSandbox();
    old?.pipe.send(frameTypes.drain, 0);
    await until(
      () => old?.isDrained === true,
      () => 'the old sandbox to drain',
    );
    old?.process.kill();
    await Promise.all(idle.map(ask));
    expect(idle.filter(({ isEnded, isReset }) => isEnded || isReset)).toEqual([]);
  });

  test('a running request ends there, and its connection goes on in the next one', async () => {
    const opened = client();
    opened.send(worker);
    await forwardedCount(1);
    const old = await peer.startSandbox();
    old?.pipe.send(frameTypes.drain, 0);
    const [first] = peer.forwarded;
    if (first !== undefined) answerForwarded(first, 'from the old one');
    await opened.hears('from the old one');
    await until(
      () => old?.isDrained === true,
      () => 'the old sandbox to drain',
    );
    old?.process.kill();
    await old?.process.exited;
    await ask(opened);
    expect(opened.isReset || opened.isEnded).toBe(false);
  });

  test('requests sent ahead are all answered, in order', async () => {
    const opened = client();
    opened.send(worker + page + worker);
    await forwardedCount(1);
    const old = await peer.startSandbox();
    old?.pipe.send(frameTypes.drain, 0);
    const [first] = peer.forwarded;
    if (first !== undefined) answerForwarded(first, 'number one');
    await forwardedCount(2);
    const second = peer.forwarded[1];
    if (second !== undefined) answerForwarded(second, 'number two');
    await opened.hears(/number one[^]*<\/html>[^]*number two$/);
    await until(
      () => old?.isDrained === true,
      () => 'the old sandbox to drain',
    );
  });

  test('connections that still arrive are given back unread', async () => {
    const old = peer.current;
    old.pipe.send(frameTypes.drain, 0);
    await until(
      () => old.isDrained,
      () => 'the sandbox to drain',
    );
    const opened = client();
    opened.send(page);
    await peer.startSandbox();
    await opened.hears(pageEnd);
  });

  test('clients that never stop notice nothing of many replacements', async () => {
    let isOver = false;
    let answers = 0;
    const loops = Array.from({ length: 8 }, async () => {
      const opened = client();
      while (!isOver) {
        await ask(opened);
        answers += 1;
      }
      return opened;
    });
    for (let round = 0; round < 4; round += 1) {
      const before = answers;
      const old = await peer.startSandbox();
      old?.pipe.send(frameTypes.drain, 0);
      await until(
        () => old?.isDrained === true,
        () => 'the old sandbox to drain',
      );
      old?.process.kill();
      await until(
        () => answers > before + 8,
        () => 'answers of the new sandbox',
      );
    }
    isOver = true;
    const finished = await Promise.all(loops);
    expect(finished.filter(({ isEnded, isReset }) => isEnded || isReset)).toEqual([]);
    expect(peer.connectionCount).toBe(8);
  });
});

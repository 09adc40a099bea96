import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { call, until } from './testing/http-client.ts';
import { startPlatform, type Platform } from './testing/platform.ts';

const example = (path: string): string =>
  fileURLToPath(new URL(`../examples/websocket/${path}`, import.meta.url));

describe('the WebSocket example', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform();
    const deployed = await platform.ow(
      'workers',
      'deploy',
      'websocket',
      example('worker.ts'),
      '--create',
    );
    expect(deployed.code, deployed.stderr).toBe(0);
  });
  afterAll(() => platform.dispose());

  async function join(heard: string[]): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${platform.port}/`, {
      headers: { host: 'websocket.localhost' },
    });
    socket.on('message', (data: Buffer) => heard.push(data.toString()));
    await once(socket, 'open');
    return socket;
  }

  test('carries what one says to all, and does what its README says', async () => {
    const heard: string[][] = [[], []];
    const sockets = await Promise.all(heard.map(join));
    const host = 'websocket.localhost';
    const count = await call({ port: platform.port, host, path: '/count' });
    expect(readFileSync(example('README.md'), 'utf8')).toContain(`/count\n${count.body}`);
    sockets[0]?.send('hello');
    await until(() => heard.every((lines) => lines.includes('hello')), 5_000, 'the message');
    sockets[0]?.close(1000);
    const left = '(somebody left, 1 here)';
    await until(() => heard[1]?.includes(left) === true, 5_000, 'the news');
    sockets[1]?.terminate();
  });

  test('is told to connect again when the platform stops', async () => {
    const socket = await join([]);
    const closed = once(socket, 'close');
    await platform.stop();
    const [code] = await closed;
    expect(code).toBe(1012);
  });
});

import { createServer, type Server } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from './testing/http-client.ts';
import { startPlatform, type Platform } from './testing/platform.ts';

const example = fileURLToPath(new URL('../examples/proxy/worker.ts', import.meta.url));

describe('the proxy example', () => {
  let origin: Server;
  let platform: Platform;
  let originUrl = '';

  beforeAll(async () => {
    origin = createServer((request, response) => {
      const seen = JSON.stringify({ url: request.url, headers: request.headers });
      response.setHeader('x-seen', Buffer.from(seen).toString('base64'));
      request.pipe(response);
    });
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    // A listening TCP server has an address with a port.
    originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
    platform = await startPlatform({ OW_EGRESS_ALLOW: new URL(originUrl).host });
  });

  afterAll(async () => {
    await platform.dispose();
    origin.close();
  });

  /** The example, with another origin. */
  async function deploy(name: string, target: string): Promise<void> {
    const file = join(platform.folder, `${name}.ts`);
    writeFileSync(file, readFileSync(example, 'utf8').replace('https://example.com', target));
    const deployed = await platform.ow('workers', 'deploy', name, file, '--create');
    expect(deployed.code, deployed.stderr).toBe(0);
  }

  test('passes requests and answers on, without what was only for this host', async () => {
    await deploy('proxy', originUrl);
    const answer = await call({
      port: platform.port,
      host: 'proxy.localhost',
      path: '/path?query=1',
      method: 'POST',
      body: 'x'.repeat(100_000),
      headers: { cookie: 'session=secret', 'x-own': '1' },
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('x'.repeat(100_000));
    expect(answer.headers['x-proxied-from']).toBe(originUrl);
    const seen = Buffer.from(String(answer.headers['x-seen']), 'base64').toString();
    expect(JSON.parse(seen)).toMatchObject({
      url: '/path?query=1',
      headers: { host: new URL(originUrl).host, 'x-own': '1' },
    });
    expect(seen).not.toContain('secret');
  });

  test('cannot be pointed at the machine it runs on', async () => {
    await deploy('inward', `http://127.0.0.1:${platform.port}`);
    const answer = await call({ port: platform.port, host: 'inward.localhost' });
    expect(answer.status).toBe(502);
    expect(answer.body).toContain('127.0.0.1 is not on the public network');
  });
});

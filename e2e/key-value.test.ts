import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from './testing/http-client.ts';
import { startPlatform, type Platform } from './testing/platform.ts';

const token = 'let-me-write-é-0123456789';
let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ OW_LOG_LEVEL: 'debug' });
});
afterAll(() => platform.dispose());

async function ow(...args: string[]): Promise<void> {
  const { code, stderr } = await platform.ow(...args);
  expect(code, stderr).toBe(0);
}

/** One request of the example's README. */
async function send(method: string, path: string, body?: string): Promise<[number, string]> {
  const headers = { authorization: `Bearer ${encodeURIComponent(token)}` };
  const request = { method, path, headers, ...(body !== undefined && { body }) };
  const answer = await call({ port: platform.port, host: 'notes.localhost', ...request });
  return [answer.status, answer.body];
}

test('the example keeps notes, and its secret is found nowhere but in the database, sealed', async () => {
  await ow('kv', 'create', 'notes');
  await ow('env', 'create', 'notes');
  await ow('env', 'bind', 'notes', 'NOTES', 'notes', '--type', 'kv', '--shape', 'cloudflare');
  await ow('env', 'set', 'notes', 'WRITE_TOKEN', encodeURIComponent(token), '--secret');
  await ow('workers', 'create', 'notes');
  await ow('workers', 'link', 'notes', 'notes');
  await ow('workers', 'deploy', 'notes', 'examples/key-value/worker.ts');

  expect(await send('PUT', '/today', 'buy milk')).toEqual([201, 'kept\n']);
  expect(await send('GET', '/today')).toEqual([200, 'buy milk']);
  expect(await send('GET', '/')).toEqual([200, '["today"]']);
  const read = await platform.ow('kv', 'get-key', 'notes', 'today');
  expect(read.stdout).toBe('buy milk\n');
  expect(await send('DELETE', '/today')).toEqual([200, 'gone\n']);
  expect(await send('GET', '/today')).toEqual([404, 'no such note\n']);

  const secret = encodeURIComponent(token);
  const logs = join(platform.dataDir, 'logs');
  for (const name of readdirSync(logs)) {
    expect(readFileSync(join(logs, name), 'utf8'), name).not.toContain(secret);
  }
  expect(platform.output()).not.toContain(secret);
  // Everything that processes show of themselves: command lines and environments.
  const processes = execFileSync('ps', ['axeww', '-o', 'args'], { encoding: 'utf8' });
  expect(processes).not.toContain(secret);
  const [masterKey = ''] = readFileSync(join(platform.dataDir, 'master-keys'), 'utf8').split('\n');
  expect(masterKey).toHaveLength(44);
  expect(processes).not.toContain(masterKey);
});

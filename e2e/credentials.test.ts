import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findInMemory } from './isolation/process-memory.ts';
import { call } from './testing/http-client.ts';
import { startPlatform, type Platform } from './testing/platform.ts';
import { descendantsRunning } from './testing/processes.ts';
import { sandboxPids } from './testing/sandboxes.ts';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.dispose());

async function ow(...args: string[]): Promise<void> {
  const { code, stderr } = await platform.ow(...args);
  expect(code, stderr).toBe(0);
}

interface RoleFile {
  readonly passwords: Record<string, string>;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(platform.dataDir, name), 'utf8'));
}

test('no credential is in the memory of a sandbox whose worker used every binding; its own secret is', async () => {
  const own = 'own-secret-of-this-worker-4711';
  const others = 'secret-of-another-worker-0815';
  const source = `export default { async fetch(request, { KV, SECRET, SVC }) {
    await KV.put('k', 'v');
    const answer = await SVC.fetch('http://x/');
    return new Response([await KV.get('k'), SECRET.length, await answer.text()].join(' '));
  } };`;
  await platform.deploy('bound', `export default { fetch: () => new Response('bound') };`);
  await platform.deploy('user', source);
  await ow('kv', 'create', 'data');
  await ow('env', 'create', 'used');
  await ow('env', 'bind', 'used', 'KV', 'data', '--type', 'kv');
  await ow('env', 'bind', 'used', 'SVC', 'bound', '--type', 'worker');
  await ow('env', 'set', 'used', 'SECRET', own, '--secret');
  await ow('env', 'create', 'unused');
  await ow('env', 'set', 'unused', 'SECRET', others, '--secret');
  await ow('workers', 'link', 'user', 'used');
  const answer = await call({ port: platform.port, host: 'user.localhost' });
  expect(answer.body).toBe(`v ${own.length} bound`);

  const [masterKey = ''] = readFileSync(join(platform.dataDir, 'master-keys'), 'utf8').split('\n');
  // Written by `ow start`.
  const { passwords } = readJson('database-roles.json') as RoleFile;
  const canaries: Record<string, Buffer> = {
    'the master key': Buffer.from(masterKey),
    'the bytes of the master key': Buffer.from(masterKey, 'base64'),
    'a secret of an environment that this worker is not linked to': Buffer.from(others),
  };
  for (const [part, password] of Object.entries(passwords)) {
    canaries[`the password of ${part}`] = Buffer.from(password);
  }
  const control = Buffer.from(own);
  const wanted = [control, ...Object.values(canaries)];

  const pids = sandboxPids(platform);
  const found = new Set(pids.flatMap((pid) => [...findInMemory(pid, wanted)]));
  expect(found.has(control), 'the scan finds what is there').toBe(true);
  const leaked = Object.entries(canaries).filter(([, canary]) => found.has(canary));
  expect(leaked.map(([name]) => name)).toEqual([]);
  // The runner, which uses it, has what the sandbox has not.
  const password = Buffer.from(passwords['runner'] ?? '');
  const [runner = 0] = descendantsRunning(platform.process.pid ?? 0, 'runner/src/main.ts');
  expect(findInMemory(runner, [password]).has(password)).toBe(true);
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDir } from './data-dir-lock.ts';

let dataDir: string;
let owner: ChildProcess | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ow-lock-'));
});
afterEach(async () => {
  owner?.kill('SIGKILL');
  await rm(dataDir, { recursive: true });
});

test('a second owner is refused with the setting and the owner’s process number', async () => {
  const lock = await lockDataDir(dataDir, 'test');
  await expect(lockDataDir(dataDir, 'test')).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(new RegExp(`OW_DATA_DIR: .*process ${process.pid}\\b`)),
  });
  await lock.release();
  await (await lockDataDir(dataDir, 'test')).release();
});

test('another path to the same folder leads to the same lock', async () => {
  const lock = await lockDataDir(dataDir, 'test');
  const detour = `${dataDir}-link`;
  await symlink(dataDir, detour);
  await expect(lockDataDir(detour, 'test')).rejects.toMatchObject({ code: 'invalid_config' });
  await rm(detour);
  await lock.release();
});

test('other folders and other purposes have locks of their own', async () => {
  const locks = await Promise.all([
    lockDataDir(dataDir, 'test'),
    lockDataDir(dataDir, 'other'),
    lockDataDir(join(dataDir, 'made-when-missing'), 'test'),
  ]);
  for (const lock of locks) await lock.release();
});

test('of many who ask at once one gets the lock', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, () => lockDataDir(dataDir, 'test')),
  );
  const locks = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  for (const lock of locks) await lock.release();
  expect(locks).toHaveLength(1);
});

test('the lock ends with its process, even by SIGKILL', async () => {
  const module = JSON.stringify(import.meta.resolve('./data-dir-lock.ts'));
  const child = spawn(
    process.execPath,
    [
      '--input-type=module-typescript',
      '--eval',
      `import { lockDataDir } from ${module};
       await lockDataDir(process.argv[1] ?? '', 'test');
       console.log('locked');
       setInterval(() => undefined, 1_000);`,
      dataDir,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  owner = child;
  await once(child.stdout, 'data');
  await expect(lockDataDir(dataDir, 'test')).rejects.toThrow(`process ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await lockDataDir(dataDir, 'test')).release();
});

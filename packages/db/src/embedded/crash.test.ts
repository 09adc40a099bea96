import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readEmbeddedUrl } from '../embedded-postgres.ts';
import { EmbeddedFixture, run } from '../testing/embedded-fixture.ts';

const isRoot = process.getuid?.() === 0;

let fixture: EmbeddedFixture;
beforeEach(async () => {
  fixture = await EmbeddedFixture.create();
});
afterEach(() => fixture.close());

/** A data folder that several tests use one after the other: each must leave it startable. */
let usedDataDir: string;
beforeAll(async () => {
  usedDataDir = await mkdtemp(join(tmpdir(), 'ow-embedded-used-'));
});
afterAll(() => rm(usedDataDir, { recursive: true }));

test('a server that is killed is reported, and the next start has all committed data', async () => {
  fixture.dataDir = usedDataDir;
  const server = await fixture.start();
  await run(server.connectionString, 'create table killed as select 1 as id');
  const pid = await fixture.serverPid();
  // A backend that computes outlives its killed parent, and the next server must wait for its end.
  const busy = run(
    server.connectionString,
    'select count(*) from generate_series(1, 1000000000)',
  ).catch((error: unknown) => error);
  await expect
    .poll(() =>
      run(
        server.connectionString,
        `select from pg_stat_activity where query ~ 'generate_series' and pid <> pg_backend_pid()`,
      ),
    )
    .toHaveLength(1);
  process.kill(pid, 'SIGKILL');
  expect(await server.exited).toMatchObject({ isExpected: false });
  const next = await fixture.start();
  expect(await busy).toMatchObject({ code: 'database_unavailable' });
  expect(await run(next.connectionString, 'table killed')).toEqual([{ id: 1 }]);
});

test('the server ends within 5 s when its owner is killed, and the next start needs no clean-up', async () => {
  fixture.dataDir = usedDataDir;
  const owner = await fixture.spawnOwner();
  const url = await readEmbeddedUrl(fixture.dataDir);
  if (url === undefined) throw new Error('no connection string');
  await run(url, 'create table orphaned as select 1 as id');
  expect(await fixture.serverPids()).toHaveLength(1);
  owner.kill('SIGKILL');
  await expect.poll(() => fixture.serverPids(), { timeout: 5_000 }).toEqual([]);
  const next = await fixture.start();
  expect(await run(next.connectionString, 'table orphaned')).toEqual([{ id: 1 }]);
});

test('a start right after the owner was killed does not wait for anybody', async () => {
  fixture.dataDir = usedDataDir;
  const owner = await fixture.spawnOwner();
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const next = await fixture.start();
  expect(await run(next.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await fixture.serverPids()).toHaveLength(1);
});

test('an orphan whose guard was killed as well is stopped by the next start', async () => {
  fixture.dataDir = usedDataDir;
  const owner = await fixture.spawnOwner();
  const orphan = await fixture.serverPid();
  const guard = Number(
    /^PPid:\t(\d+)$/m.exec(await readFile(`/proc/${orphan}/status`, 'utf8'))?.[1],
  );
  const watchers = await childrenOf(guard);
  for (const pid of [guard, ...watchers.filter((pid) => pid !== orphan)])
    process.kill(pid, 'SIGKILL');
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(await fixture.serverPids()).toEqual([orphan]);
  const next = await fixture.start();
  expect(await fixture.serverPid()).not.toBe(orphan);
  expect(await run(next.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

test('a stale pid file whose number belongs to somebody else now is no obstacle', async () => {
  fixture.dataDir = usedDataDir;
  const first = await fixture.start();
  process.kill(await fixture.serverPid(), 'SIGKILL');
  await first.exited;
  const path = join(fixture.cluster, 'postmaster.pid');
  const content = await readFile(path, 'utf8');
  // A process of the server's own user: PostgreSQL alone would refuse to start.
  const user = await stat(path);
  const bystander = spawn('sleep', ['60'], { ...(isRoot && { uid: user.uid, gid: user.gid }) });
  try {
    await writeFile(path, content.replace(/^\d+/, String(bystander.pid)));
    const next = await fixture.start();
    expect(await run(next.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(bystander.exitCode).toBeNull();
  } finally {
    bystander.kill();
  }
});

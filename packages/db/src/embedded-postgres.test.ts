import { createLogger, Secret } from '@openworkers/core';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readEmbeddedUrl, startEmbeddedPostgres } from './embedded-postgres.ts';
import { EmbeddedFixture, run } from './testing/embedded-fixture.ts';
import { withAdminClient } from './admin-client.ts';

const log = createLogger({ role: 'test', level: 'silent' });

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

test('an empty folder becomes a server with a password, off the network, that keeps its data', async () => {
  const first = await fixture.start();
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
  expect((await stat(join(fixture.dataDir, 'postgres', 'superuser-password'))).mode & 0o777).toBe(
    0o600,
  );
  expect((await stat(fixture.cluster)).mode & 0o077).toBe(0);

  await run(first.connectionString, 'create table kept as select 42 as answer');
  await first.stop();
  expect(await first.exited).toMatchObject({ isExpected: true });
  await first.stop();
  expect(await fixture.serverPids()).toEqual([]);

  const second = await fixture.start();
  expect(second.connectionString.reveal()).toBe(first.connectionString.reveal());
  expect((await readEmbeddedUrl(fixture.dataDir))?.reveal()).toBe(first.connectionString.reveal());
  expect(await run(second.connectionString, 'table kept')).toEqual([{ answer: 42 }]);
});

test('a folder without a server has no connection string', async () => {
  expect(await readEmbeddedUrl(fixture.dataDir)).toBeUndefined();
});

test('a second start on the same folder is refused while the first lives', async () => {
  fixture.dataDir = usedDataDir;
  const first = await fixture.start();
  await expect(fixture.start()).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('OW_DATA_DIR'),
  });
  expect(await run(first.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('stop does not wait for clients that stay, and rolls their transactions back', async () => {
  fixture.dataDir = usedDataDir;
  const server = await fixture.start();
  await run(server.connectionString, 'create table stopped (id integer)');
  const client = withAdminClient(server.connectionString, async (session) => {
    await session.query('begin');
    await session.query('insert into stopped values (1)');
    await server.stop();
    await session.query('commit');
  });
  await expect(client).rejects.toMatchObject({ code: 'database_unavailable' });
  const next = await fixture.start();
  expect(await run(next.connectionString, 'table stopped')).toEqual([]);
});

test('an interrupted first start is begun again', async () => {
  await mkdir(join(fixture.dataDir, 'postgres', 'new', 'data', 'base'), { recursive: true });
  const server = await fixture.start();
  expect(await run(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await readdir(join(fixture.dataDir, 'postgres'))).not.toContain('new');
});

test('a folder of another PostgreSQL major is refused and left alone', async () => {
  await mkdir(fixture.cluster, { recursive: true });
  await writeFile(join(fixture.cluster, 'PG_VERSION'), '14\n');
  await expect(fixture.start()).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(/OW_DATA_DIR.*belongs to PostgreSQL 14/),
  });
  expect(await readdir(fixture.cluster)).toEqual(['PG_VERSION']);
});

test('a folder with a path too long for a socket, and with odd characters, works', async () => {
  fixture.dataDir = join(fixture.root, 'd'.repeat(60), `${'e'.repeat(60)} 'odd', %41 ü`);
  const server = await fixture.start();
  expect(await run(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  const sockets = new URL(server.connectionString.reveal()).searchParams.get('host') ?? '';
  expect(sockets).toMatch(/^\/tmp\/openworkers-[0-9a-f]{16}$/);
  expect((await stat(sockets)).mode & 0o777).toBe(0o700);
  await server.stop();
  await rm(sockets, { recursive: true });
});

test('a comma in the path of the socket is no list', async () => {
  fixture.dataDir = join(fixture.root, 'a, b');
  const server = await fixture.start();
  expect(await run(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a path that initdb would hand to a shell unquoted is refused', async () => {
  for (const name of ['a"b', 'a$(id)', 'a`id`', 'a\\b', 'a\nb']) {
    await expect(fixture.start(join(fixture.root, name)), name).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('OW_DATA_DIR'),
    });
  }
});

test('a folder that cannot be made is refused by name', async () => {
  await writeFile(join(fixture.root, 'file'), '');
  await expect(fixture.start(join(fixture.root, 'file', 'data'))).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('OW_DATA_DIR'),
  });
});

test('a server that cannot start says why', async () => {
  fixture.dataDir = usedDataDir;
  const broken = startEmbeddedPostgres({
    dataDir: fixture.dataDir,
    log,
    settings: { shared_buffers: 'nonsense' },
  });
  await expect(broken).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('shared_buffers'),
  });
  await fixture.start();
});

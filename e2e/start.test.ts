import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@openworkers/db';
import { createTestDatabase } from '@openworkers/db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { call, until } from './testing/http-client.ts';
import { freePort, runCommand, startPlatform, type Platform } from './testing/platform.ts';
import { descendantsOf, isAlive } from './testing/processes.ts';

const ow = fileURLToPath(new URL('../packages/cli/bin/ow.js', import.meta.url));

const migrations = fileURLToPath(new URL('../packages/db/migrations', import.meta.url));

const slowWorker = `
let waiting = 0;
export default {
  fetch(request) {
    if (new URL(request.url).pathname !== '/wait') return new Response(String(waiting));
    waiting += 1;
    return new Promise((resolve) => setTimeout(resolve, 50000));
  },
};`;

describe('beside a running platform', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.dispose());

  test('a second start on the same data folder ends with one line naming OW_DATA_DIR', async () => {
    const other = await freePort();
    const result = await runCommand(['start'], { ...platform.env, OW_PORT: String(other) });
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr).toMatch(/^error: OW_DATA_DIR: .+\n$/);
  });

  test('a taken port ends the start with one line naming OW_PORT', async () => {
    const folder = makeFolder();
    const env = { ...platform.env, OW_DATA_DIR: join(folder, 'data') };
    const result = await runCommand(['start'], env);
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr).toMatch(/^error: OW_PORT: .+\n$/);
    expect(existsSync(join(folder, 'data', 'postgres'))).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test('roles write JSON lines to the data folder', () => {
    for (const role of ['supervisor', 'runner-0']) {
      const text = readFileSync(join(platform.dataDir, 'logs', `${role}.log`), 'utf8');
      for (const line of text.trimEnd().split('\n'))
        expect(JSON.parse(line)).toHaveProperty('time');
    }
  });

  test('the alias local leads to this platform', async () => {
    const aliases = await platform.ow('alias', 'list', '--json');
    expect(JSON.parse(aliases.stdout)).toMatchObject([
      { name: 'local', type: 'db', isDefault: true, user: 'admin@localhost' },
    ]);
    expect(await platform.ow('migrate', 'status')).toMatchObject({ code: 0 });
    expect(await platform.ow('migrate', 'run')).toMatchObject({ code: 0 });
  });
});

describe('start', () => {
  let folder: string;
  let env: Record<string, string>;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    folder = makeFolder();
    env = {
      PATH: process.env['PATH'] ?? '',
      OW_DATA_DIR: join(folder, 'data'),
      OW_CONFIG: join(folder, 'config.json'),
      OW_PORT: String(await freePort()),
      OW_INTERNAL_PORT: String(await freePort()),
    };
  });
  afterEach(async () => {
    if (child !== undefined && isRunning(child)) {
      child.kill('SIGKILL');
      await ended(child, 10_000);
    }
    child = undefined;
    await until(() => !isInUse(folder), 10_000, 'nothing runs in the folder any more');
    rmSync(folder, { recursive: true, force: true });
  });

  function start(settings: Record<string, string> = {}, node = process.execPath): () => string {
    child = spawn(node, [ow, 'start'], {
      env: { ...env, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    child.stderr?.resume();
    return () => stdout;
  }

  test('an unreachable DATABASE_URL ends it with one line naming it, without the password', async () => {
    const url = 'postgres://ow:topsecret@127.0.0.1:1/ow';
    const result = await runCommand(['start'], { ...env, DATABASE_URL: url });
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr).toMatch(/^error: DATABASE_URL: .*127\.0\.0\.1:1 .+\n$/);
    expect(result.stderr).not.toContain('topsecret');
  });

  test('wrong settings are all named in one line', async () => {
    const result = await runCommand(['start'], { ...env, OW_PORT: 'many', OW_RUNNERS: '0' });
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr).toMatch(/^error: OW_PORT: .+; OW_RUNNERS: .+\n$/);
  });

  test('a taken internal port is named before anything is started', async () => {
    const server = createServer().listen(Number(env['OW_INTERNAL_PORT']), '127.0.0.1');
    const result = await runCommand(['start'], env);
    server.close();
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr).toMatch(/^error: OW_INTERNAL_PORT: .+\n$/);
  });

  test('with DATABASE_URL it uses that server, and refuses a newer schema with exit 78', async () => {
    const database = await createTestDatabase();
    const url = database.owner.reveal();
    const stdout = start({ DATABASE_URL: url, OW_RUNNERS: '2' });
    await until(() => stdout().includes('ready http'), 30_000, 'ready');
    expect(stdout()).toMatch(/^ready http:\/\/localhost:\d+ \(\d+\.\d s\)\n$/);
    expect(existsSync(join(folder, 'data', 'postgres'))).toBe(false);
    const environment = processEnvironments(child);
    expect(environment.some((text) => text.includes(url))).toBe(false);
    child?.kill('SIGINT');
    expect(await ended(child, 40_000)).toBe(0);

    const directory = join(folder, 'migrations');
    cpSync(migrations, directory, { recursive: true });
    const next = String(readdirSync(directory).length + 1).padStart(4, '0');
    writeFileSync(join(directory, `${next}_future.sql`), 'select 1;');
    await migrate({ connectionString: database.owner, directory });
    const result = await runCommand(['start'], { ...env, DATABASE_URL: url });
    await database.drop();
    expect(result).toMatchObject({ code: 78, stdout: '' });
    expect(result.stderr.trimEnd().split('\n').at(-1)).toMatch(/^error: DATABASE_URL: .*newer/);
  });

  test('a signal while it starts ends it and all its children, with code 0', async () => {
    start();
    await until(() => existsSync(join(folder, 'data', 'postgres')), 20_000, 'PostgreSQL begins');
    child?.kill('SIGTERM');
    expect(await ended(child, 40_000)).toBe(0);
  });

  test('a second Ctrl-C does not wait for running requests', async () => {
    const stdout = start();
    await until(() => stdout().includes('ready http'), 60_000, 'ready');
    const file = join(folder, 'slow.js');
    writeFileSync(file, slowWorker);
    const deployed = await runCommand(['workers', 'deploy', 'slow', file, '--create'], env);
    expect(deployed.code, deployed.stderr).toBe(0);
    const target = { port: Number(env['OW_PORT']), host: 'slow.localhost' };
    const broken = call({ ...target, path: '/wait' }).catch(() => 'broken');
    await until(async () => (await call(target)).body === '1', 10_000, 'a request is waiting');
    const children = descendantsOf(child?.pid ?? 0).map(({ pid }) => pid);
    child?.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 700));
    child?.kill('SIGINT');
    expect(await ended(child, 5_000)).toBe(1);
    expect(await broken).toBe('broken');
    await until(() => children.every((pid) => !isAlive(pid)), 5_000, 'all children ended');
  });

  const systemNode = spawnSync('/usr/bin/env', ['node', '--version'], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  const hasOlderNode = /^v(16|18|20|22|24)\./.test(systemNode.stdout?.toString() ?? '');

  test.skipIf(!hasOlderNode)(
    'started by an older Node it runs on the pinned one, and ends when its launcher is killed',
    async () => {
      const older = spawnSync('/bin/sh', ['-c', 'command -v node'], {
        env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      });
      const node = older.stdout.toString().trim();
      const usage = spawnSync(node, [ow, 'nothing-like-this'], { env });
      expect(usage.status).toBe(2);
      const stdout = start({}, node);
      await until(() => stdout().includes('ready http'), 60_000, 'ready');
      const children = descendantsOf(child?.pid ?? 0).map(({ pid }) => pid);
      expect(children.length).toBeGreaterThanOrEqual(3);
      child?.kill('SIGKILL');
      await until(() => children.every((pid) => !isAlive(pid)), 10_000, 'all children ended');
    },
  );
});

/** One that PostgreSQL's user may pass through when the tests run as root. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ow-e2e-'));
  chmodSync(folder, 0o711);
  return folder;
}

function ended(child: ChildProcess | undefined, timeoutMs: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    if (child === undefined || !isRunning(child)) {
      resolve(child?.exitCode ?? null);
      return;
    }
    const timer = setTimeout(() => reject(new Error('still running')), timeoutMs);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Whether any process has the folder in its command line. */
function isInUse(folder: string): boolean {
  return descendantsOf(1).some(({ commandLine }) => commandLine.includes(folder));
}

function processEnvironments(child: ChildProcess | undefined): string[] {
  return descendantsOf(child?.pid ?? 0).map(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8');
    } catch {
      return '';
    }
  });
}

import { createLogger, type Secret } from '@openworkers/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withAdminClient } from '../admin-client.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded-postgres.ts';

/** The clone. */
export const repository = fileURLToPath(new URL('../../../..', import.meta.url));

const log = createLogger({ role: 'test', level: 'silent' });

/** What tests of the embedded server start, and its end. */
export class EmbeddedFixture {
  /** Folder of the test. */
  readonly root: string;
  /** Below `root`, not there yet; a test may choose another. */
  dataDir: string;
  readonly #servers: EmbeddedPostgres[] = [];
  readonly #owners: ChildProcess[] = [];

  static async create(): Promise<EmbeddedFixture> {
    const root = await mkdtemp(join(tmpdir(), 'ow-embedded-'));
    await chmod(root, 0o755);
    return new EmbeddedFixture(root);
  }

  private constructor(root: string) {
    this.root = root;
    this.dataDir = join(root, 'data');
  }

  /** PostgreSQL's data directory. */
  get cluster(): string {
    return join(this.dataDir, 'postgres', 'data');
  }

  async start(dataDir = this.dataDir): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ dataDir, log });
    this.#servers.push(server);
    return server;
  }

  /** A process of its own that starts the server and then stays; resolves once it is up. */
  async spawnOwner(options: { clone?: string; uid?: number } = {}): Promise<ChildProcess> {
    const owner = spawn(
      process.execPath,
      [
        '--input-type=module-typescript',
        '--eval',
        ownerScript(options.clone ?? repository),
        this.dataDir,
      ],
      {
        cwd: '/',
        stdio: ['ignore', 'pipe', 'inherit'],
        ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
      },
    );
    this.#owners.push(owner);
    const isUp = await Promise.race([
      once(owner.stdout, 'data').then(() => true),
      once(owner, 'exit').then(() => false),
    ]);
    if (!isUp) throw new Error('the owner ended before its server was up');
    return owner;
  }

  /** Servers that run on the cluster. */
  async serverPids(): Promise<number[]> {
    const found: number[] = [];
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const args = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
      const [program, option, directory] = args.split('\0');
      if (program?.endsWith('/postgres') && option === '-D' && directory === this.cluster) {
        found.push(Number(name));
      }
    }
    return found;
  }

  /** The one server that runs on the cluster. */
  async serverPid(): Promise<number> {
    const [pid, ...more] = await this.serverPids();
    if (pid === undefined || more.length > 0) throw new Error('expected one server');
    return pid;
  }

  /** Ends everything; fails when a server is still there after 10 s. */
  async close(): Promise<void> {
    for (const owner of this.#owners) owner.kill('SIGKILL');
    for (const server of this.#servers) await server.stop();
    const deadline = performance.now() + 10_000;
    while ((await this.serverPids()).length > 0) {
      if (performance.now() > deadline) throw new Error('a server was left running');
      await delay(50);
    }
    await rm(this.root, { recursive: true });
  }
}

/** Runs one statement. */
export async function run(url: Secret, sql: string): Promise<unknown[]> {
  return withAdminClient(url, async (client) => (await client.query(sql)).rows);
}

function ownerScript(clone: string): string {
  const [core, db] = ['core', 'db'].map((name) =>
    JSON.stringify(join(clone, 'packages', name, 'src', 'index.ts')),
  );
  return `
    import { createLogger } from ${core};
    import { startEmbeddedPostgres } from ${db};
    const log = createLogger({ role: 'owner', level: 'silent' });
    await startEmbeddedPostgres({ dataDir: process.argv[1] ?? '', log });
    console.log('up');`;
}

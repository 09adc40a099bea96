import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareVersion } from '@openworkers/build';
import { createDatabase, createWorker, deployVersion, findUserByUsername } from '@openworkers/db';
import { helloSource, stopServer, type Peer } from '../peer.ts';
import { descendantsRunning } from '../process-tree.ts';

const ow = fileURLToPath(new URL('../../packages/cli/bin/ow.js', import.meta.url));

export interface OpenWorkersPeer extends Peer {
  /** Deploys one more worker from source. */
  deploy(name: string, source: string): Promise<void>;
  /** Ids of the processes that hold isolates. */
  sandboxPids(): number[];
}

/** The whole platform, as `npm start` runs it, with `workers` hello-world workers deployed. */
export async function startOpenWorkers(port: number, workers: number): Promise<OpenWorkersPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'ow-bench-'));
  const configPath = join(folder, 'config.json');
  const child = await startPlatform({ folder, configPath, port });
  const deploy = await openDeployer(configPath);
  for (let index = 0; index < workers; index += 1) await deploy.deploy(`w${index}`, helloSource);
  return {
    name: 'OpenWorkers',
    port,
    pid: child.pid ?? 0,
    hostOf: (index) => `w${index}.localhost`,
    deploy: deploy.deploy,
    sandboxPids: () => descendantsRunning(child.pid ?? 0, 'sandbox/src/main.ts'),
    stop: async () => {
      await deploy.close();
      await stopServer(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface StartOptions {
  readonly folder: string;
  readonly configPath: string;
  readonly port: number;
}

function startPlatform({ folder, configPath, port }: StartOptions): Promise<ChildProcess> {
  const child = spawn(process.execPath, [ow, 'start'], {
    env: {
      PATH: process.env['PATH'],
      OW_DATA_DIR: join(folder, 'data'),
      OW_CONFIG: configPath,
      OW_PORT: String(port),
      OW_INTERNAL_PORT: String(port + 1000),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => fail('not ready within 60 s'), 60_000);
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`ow start: ${why}: ${output}`));
    };
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-4_000);
      if (!output.includes('ready http')) return;
      clearTimeout(timer);
      resolve(child);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('exit', (code) => fail(`ended with ${code}`));
  });
}

interface Deployer {
  deploy(name: string, source: string): Promise<void>;
  close(): Promise<void>;
}

/** Writes versions straight to PostgreSQL: building 200 equal workers one by one measures nothing. */
async function openDeployer(configPath: string): Promise<Deployer> {
  // The platform wrote the file a moment ago, with exactly this alias in it.
  const config = JSON.parse(readFileSync(configPath, 'utf8')) as {
    aliases: { local: { database_url: string; user: string } };
  };
  const { database_url: connectionString, user } = config.aliases.local;
  const database = createDatabase({ connectionString, applicationName: 'bench', max: 2 });
  const owner = await findUserByUsername(database.queries, user);
  if (owner === undefined) throw new Error(`the user ${user} of the alias "local" does not exist`);
  const prepared = new Map<string, Awaited<ReturnType<typeof prepareVersion>>>();
  return {
    deploy: async (name, source) => {
      const version =
        prepared.get(source) ??
        (await prepareVersion({ source, fileName: 'worker.js', envKeys: [] }));
      prepared.set(source, version);
      await createWorker(database.queries, { tenantId: owner.tenantId, name });
      await deployVersion(database.queries, { tenantId: owner.tenantId, worker: name, ...version });
    },
    close: () => database.close(),
  };
}

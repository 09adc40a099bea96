import { readFileSync } from 'node:fs';
import { Secret } from '@openworkers/core';
import { createDatabase, createWorker, deployVersion, findUserByUsername } from '@openworkers/db';
import { startPlatform } from '../../e2e/testing/platform.ts';
import { descendantsRunning } from '../../e2e/testing/processes.ts';
import { helloSource, type Peer } from '../peer.ts';

export interface OpenWorkersPeer extends Peer {
  /** Deploys one more worker from source. */
  deploy(name: string, source: string): Promise<void>;
  /** Ids of the processes that hold isolates. */
  sandboxPids(): number[];
}

/** The whole platform, as `npm start` runs it, with `workers` hello-world workers deployed. */
export async function startOpenWorkers(port: number, workers: number): Promise<OpenWorkersPeer> {
  const platform = await startPlatform({ OW_PORT: String(port) });
  const pid = platform.process.pid ?? 0;
  const deploy = await openDeployer(platform.env['OW_CONFIG'] ?? '');
  for (let index = 0; index < workers; index += 1) await deploy.deploy(`w${index}`, helloSource);
  return {
    name: 'OpenWorkers',
    port,
    pid,
    hostOf: (index) => `w${index}.localhost`,
    deploy: (name, source) => deploy.deploy(name, source),
    sandboxPids: () => descendantsRunning(pid, 'sandbox/src/main.ts'),
    stop: async () => {
      await deploy.close();
      await platform.dispose();
    },
  };
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
  const database = createDatabase({
    connectionString: new Secret(connectionString),
    applicationName: 'bench',
  });
  const owner = await findUserByUsername(database.queries, user);
  if (owner === undefined) throw new Error(`the user ${user} of the alias "local" does not exist`);
  const by = { tenantId: owner.tenantId, actorId: owner.id };
  return {
    deploy: async (name, source) => {
      const { id: workerId } = await createWorker(database.queries, { ...by, name });
      const version = { codeType: 'javascript', code: Buffer.from(source) } as const;
      await deployVersion(database.queries, { ...by, workerId, ...version });
    },
    close: () => database.close(),
  };
}

import type { WorkerLimits } from '@openworkers/core';
import { openDirectDeploy } from '../../e2e/testing/direct-deploy.ts';
import { startPlatform } from '../../e2e/testing/platform.ts';
import { descendantsRunning } from '../../e2e/testing/processes.ts';
import { helloSource, type Peer } from '../peer.ts';

export interface OpenWorkersPeer extends Peer {
  /** Deploys one more worker from source. */
  deploy(name: string, source: string, limits?: Partial<WorkerLimits>): Promise<unknown>;
  /** Ids of the processes that hold isolates. */
  sandboxPids(): number[];
}

/**
 * The whole platform, as `npm start` runs it, with `workers` hello-world workers, written straight to
 * PostgreSQL: building 200 equal workers one by one measures nothing.
 */
export async function startOpenWorkers(
  port: number,
  workers: number,
  settings: Record<string, string> = {},
): Promise<OpenWorkersPeer> {
  const platform = await startPlatform({ OW_PORT: String(port), ...settings });
  const pid = platform.process.pid ?? 0;
  const deploy = await openDirectDeploy(platform);
  for (let index = 0; index < workers; index += 1) await deploy.deploy(`w${index}`, helloSource);
  return {
    name: 'OpenWorkers',
    port,
    pid,
    hostOf: (index) => `w${index}.localhost`,
    deploy: (name, source, limits) => deploy.deploy(name, source, limits),
    sandboxPids: () => descendantsRunning(pid, 'sandbox/src/main.ts'),
    stop: async () => {
      await deploy.close();
      await platform.dispose();
    },
  };
}

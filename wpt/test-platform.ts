import {
  bundleTestRuntime,
  TestEngine,
} from '../packages/sandbox/src/engine/testing/test-engine.ts';
import type { TestSite } from './test-worker.ts';
import { startTestServer } from './server/test-server.ts';
import { createWayOut } from './way-out.ts';

/** The engine that tests run in, and the server that their `fetch` talks to. */
export interface TestPlatform {
  readonly engine: TestEngine;
  readonly site: TestSite;
  stop(): Promise<void>;
}

const MiB = 1024 * 1024;

/** Tests ask for far more than a request: the harness itself bounds them in time. */
const limits = {
  cpuMs: 120_000,
  startupCpuMs: 20_000,
  wallMs: 90_000,
  memoryBytes: 512 * MiB,
};

export async function startTestPlatform(checkout: string): Promise<TestPlatform> {
  const server = await startTestServer(checkout);
  const wayOut = createWayOut();
  const engine = new TestEngine({
    runtimeScript: bundleTestRuntime(),
    workers: {},
    limits,
    memoryBudgetBytes: 2048 * MiB,
    spareIsolates: 1,
    openers: wayOut.openers,
  });
  return {
    engine,
    site: { checkout, origin: server.origin, substitute: server.substitute },
    stop: async () => {
      engine.dispose();
      wayOut.stop();
      await server.stop();
    },
  };
}

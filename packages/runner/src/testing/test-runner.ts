import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, type Logger, type Secret } from '@openworkers/core';
import { bundleRuntime } from '@openworkers/build';
import { createDatabase, type Sealer } from '@openworkers/db';
import { createTestSealer } from '@openworkers/db/testing';
import type { BoundRecord } from '../record-sink.ts';
import type { RunnerConfig } from '../runner-config.ts';
import { createRunner, type Runner } from '../runner.ts';
import { call, type Answer, type CallOptions } from './http-client.ts';
import { until } from './until.ts';

export interface TestRunnerOptions {
  /** Login of the role `runner`. */
  readonly databaseUrl: Secret;
  /** Login of Postgate; without it no SQL database can be used. */
  readonly postgateUrl?: Secret;
  readonly config?: Partial<RunnerConfig>;
  readonly sealer?: Sealer;
}

/** A runner with real sandboxes on a port of its own. */
export interface TestRunner {
  readonly runner: Runner;
  readonly port: number;
  /** Lines of the runner's log, parsed. */
  readonly log: Record<string, unknown>[];
  readonly records: BoundRecord[];
  /** `host` is a worker's name, or a host with a dot. */
  call(host: string, options?: Omit<CallOptions, 'port' | 'host'>): Promise<Answer>;
  /** Whether a sandbox names the worker as running right now. */
  isRunning(workerName: string): boolean;
  /** Whether a worker has written that line. */
  hasLogged(message: string): boolean;
  /** Waits until the worker answers 200 with that body. */
  untilAnswers(host: string, body: string, timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

let script: Promise<string> | undefined;

export async function startTestRunner(options: TestRunnerOptions): Promise<TestRunner> {
  const { databaseUrl } = options;
  const lines: Record<string, unknown>[] = [];
  const records: BoundRecord[] = [];
  const pool = { connectionString: databaseUrl, connectTimeoutMs: 2_000 };
  const database = createDatabase({ ...pool, applicationName: 'test-runner' });
  const bindingsDatabase = createDatabase({ ...pool, applicationName: 'test-runner-bindings' });
  const objectsFolder = await mkdtemp(join(tmpdir(), 'ow-objects-'));
  const runner = createRunner({
    config: { ...defaults, objectsFolder, ...options.config },
    database,
    bindingsDatabase,
    sealer: options.sealer ?? createTestSealer(),
    databaseUrl,
    postgateUrl: options.postgateUrl ?? databaseUrl,
    bundle: () => (script ??= bundleRuntime()),
    sink: { write: (record) => records.push(record) },
    log: collectingLog(lines),
  });
  await runner.start();
  const port = runner.port ?? 0;
  const fullHost = (host: string): string => (host.includes('.') ? host : `${host}.localhost`);
  const send: TestRunner['call'] = (host, rest) => call({ port, host: fullHost(host), ...rest });
  return {
    runner,
    port,
    log: lines,
    records,
    call: send,
    isRunning: (workerName) => runner.runningWorkers.includes(workerName),
    hasLogged: (message) =>
      records.some(({ record }) => record.kind === 'log' && record.message === message),
    untilAnswers: (host, body, timeoutMs = 10_000) => {
      const isAnswered = async (): Promise<boolean> => {
        const answer = await send(host).catch(() => undefined);
        return answer?.status === 200 && answer.body === body;
      };
      return until(isAnswered, { timeoutMs, what: `"${body}" from ${host}` });
    },
    stop: async () => {
      await runner.stop(2_000);
      await Promise.all([database.close(), bindingsDatabase.close()]);
      await rm(objectsFolder, { recursive: true });
    },
  };
}

const defaults: Omit<RunnerConfig, 'objectsFolder'> = {
  host: '127.0.0.1',
  port: 0,
  internalPort: undefined,
  publicUrl: new URL('http://localhost:8080'),
  baseDomain: 'localhost',
  trustedProxies: [],
  egressAllow: [],
  sandboxMemoryBytes: 512 * 1024 * 1024,
  spareIsolates: 1,
  maxConnections: 1_000,
};

function collectingLog(lines: Record<string, unknown>[]): Logger {
  return createLogger({
    role: 'runner',
    destination: {
      // Our own logger writes one JSON object per line.
      write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    },
  });
}

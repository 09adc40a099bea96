import { setTimeout as delay } from 'node:timers/promises';
import {
  AppError,
  createLogger,
  exitCodes,
  messageOf,
  platformLimits,
  type Logger,
} from '@openworkers/core';
import { bundleRuntime } from '@openworkers/build';
import { createDatabase, loadMasterKeys, Sealer, type Database } from '@openworkers/db';
import { BufferedOutput } from './buffered-output.ts';
import { assertPortFree } from './port-probe.ts';
import { LineRecordSink } from './record-sink.ts';
import { loadRunnerSettings, type RunnerReady, type RunnerSettings } from './runner-config.ts';
import { createRunner, type Runner } from './runner.ts';

/** A little less than the supervisor allows, so that the end is orderly. */
const drainMs = 28_000;
const databasePollMs = 250;
const reportDroppedMs = 10_000;

async function main(): Promise<void> {
  const output = new BufferedOutput({ fileDescriptor: 1 });
  process.on('exit', () => output.flushSync());
  try {
    const maxConnections = platformLimits.connections.tenant;
    const settings = await loadRunnerSettings(process.env, maxConnections);
    const log = createLogger({ role: 'runner', level: settings.logLevel, destination: output });
    reportDropped(output, log);
    await run(settings, { output, log: log.child({ runner: settings.index }) });
  } catch (error) {
    fail(error);
  }
}

async function run(
  settings: RunnerSettings,
  { output, log }: { output: BufferedOutput; log: Logger },
): Promise<void> {
  const { config, databaseUrl, postgateUrl } = settings;
  if (settings.isPortProbed) await assertPortFree(config);
  const database = createDatabase({
    connectionString: databaseUrl,
    applicationName: 'ow-runner',
    connectTimeoutMs: 3_000,
    log,
  });
  const bindingsDatabase = createDatabase({
    connectionString: databaseUrl,
    applicationName: 'ow-runner-bindings',
    connectTimeoutMs: 3_000,
    log,
  });
  const sealer = new Sealer({ load: () => loadMasterKeys(settings.masterKeys) });
  const sink = new LineRecordSink({ output, log });
  const runner = createRunner({
    config,
    database,
    bindingsDatabase,
    sealer,
    databaseUrl,
    postgateUrl,
    bundle: bundleRuntime,
    sink,
    log,
  });
  endWithParent(runner, log);
  endOnSignal(runner, { databases: [database, bindingsDatabase], output, log });
  await runner.start();
  await untilReachable(database, log);
  const ready: RunnerReady = {
    kind: 'ready',
    host: config.host,
    port: runner.port ?? config.port,
    internalPort: runner.internalPort,
  };
  log.info(ready, 'runner ready');
  process.send?.(ready);
}

/** Lines that a slow reader of standard output cost. */
function reportDropped(output: BufferedOutput, log: Logger): void {
  let reported = 0;
  const report = (): void => {
    if (output.dropped === reported) return;
    log.warn({ lines: output.dropped - reported }, 'log lines dropped');
    reported = output.dropped;
  };
  setInterval(report, reportDroppedMs).unref();
}

/** Resolves once PostgreSQL answers; a refused login is for the operator to mend. */
async function untilReachable(database: Database, log: Logger): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await database.ping();
      return;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'database_unavailable') throw error;
      if (attempt === 1) log.warn({ problem: error.message }, 'waiting for the database');
    }
    await delay(databasePollMs);
  }
}

/** Without its parent nobody would restart or stop this process: it must not stay behind. */
function endWithParent(runner: Runner, log: Logger): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => {
    log.warn('the supervisor is gone');
    runner.kill();
    process.exit(exitCodes.failed);
  });
}

function endOnSignal(
  runner: Runner,
  { databases, output, log }: { databases: Database[]; output: BufferedOutput; log: Logger },
): void {
  const end = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'runner stops');
    runner
      .stop(drainMs)
      .then(() => Promise.all(databases.map((database) => database.close())))
      .then(() => output.drain())
      .then(() => process.exit(exitCodes.ok), fail);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

function fail(error: unknown): never {
  process.stderr.write(`${messageOf(error)}\n`);
  const isSetting = error instanceof AppError && error.code === 'invalid_config';
  process.exit(isSetting ? exitCodes.config : exitCodes.failed);
}

await main();

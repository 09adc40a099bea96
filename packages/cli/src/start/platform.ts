import { join } from 'node:path';
import { createLogger, type Config, type Logger, type Secret } from '@openworkers/core';
import type { RoleUrls } from '@openworkers/db';
import {
  assertReachable,
  explainSchema,
  prepareDatabase,
  type PreparedDatabase,
} from './prepare-database.ts';
import type { LinePrinter } from './line-printer.ts';
import { RoleLog } from './role-log.ts';
import { isRunnerReady, spawnRunner } from './runner-process.ts';
import { SupervisedPostgres } from './supervised-postgres.ts';
import { SupervisedProcess } from './supervised-process.ts';

export interface PlatformOptions {
  /** `port` is final: never 0. */
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly printer: LinePrinter;
  /** Aborted when the platform shall not start after all. */
  readonly signal: AbortSignal;
}

const runnerStartTimeoutMs = 30_000;
const runnerDrainMs = 30_000;
const postgresStopMs = 10_000;

/** All roles of one machine, as child processes. */
export class Platform {
  readonly #options: PlatformOptions;
  readonly #logs: RoleLog[] = [];
  readonly #log: Logger;
  #postgres: SupervisedPostgres | undefined;
  #runners: SupervisedProcess[] = [];

  constructor(options: PlatformOptions) {
    this.#options = options;
    this.#log = this.#openLog('supervisor');
  }

  /** Starts PostgreSQL (unless one is given) and makes it ready for the roles. */
  async startDatabase(): Promise<PreparedDatabase> {
    const { config, signal } = this.#options;
    const connectionString = await this.#connect();
    signal.throwIfAborted();
    const { dataDir, masterKey } = config;
    const log = this.#log;
    const prepared = await prepareDatabase({ connectionString, dataDir, masterKey, log }).catch(
      (error: unknown) => {
        const setting = config.databaseUrl === undefined ? 'OW_DATA_DIR' : 'DATABASE_URL';
        throw explainSchema(error, setting);
      },
    );
    signal.throwIfAborted();
    return prepared;
  }

  /** Resolves when every runner answers requests. */
  async startRunners(roles: Pick<RoleUrls, 'runner' | 'postgate'>): Promise<void> {
    const { config, signal } = this.#options;
    const start = (index: number): Promise<void> => {
      const runner = this.#createRunner(index, roles);
      this.#runners.push(runner);
      return runner.start();
    };
    // The first one alone makes sure that the port is free; the others share it.
    await start(0);
    signal.throwIfAborted();
    await Promise.all(Array.from({ length: config.runners - 1 }, (_, index) => start(index + 1)));
    signal.throwIfAborted();
  }

  /** Drains the runners, then stops PostgreSQL; at most about 45 s. */
  async stop(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop(runnerDrainMs)));
    await this.#postgres?.stop(postgresStopMs);
    await Promise.all(this.#logs.map((log) => log.close()));
  }

  /** Ends the runners at once; PostgreSQL's guard stops it when this process ends. */
  kill(): void {
    for (const runner of this.#runners) runner.kill();
  }

  async #connect(): Promise<Secret> {
    const { databaseUrl, dataDir } = this.#options.config;
    if (databaseUrl !== undefined) {
      await assertReachable(databaseUrl);
      return databaseUrl;
    }
    const postgres = new SupervisedPostgres({ dataDir, log: this.#openLog('postgres') });
    this.#postgres = postgres;
    return postgres.start();
  }

  #createRunner(index: number, roles: Pick<RoleUrls, 'runner' | 'postgate'>): SupervisedProcess {
    const { config, env } = this.#options;
    const role = `runner-${index}`;
    const output = new RoleLog(role, { folder: this.#logFolder, printer: this.#options.printer });
    this.#logs.push(output);
    const settings = { OW_PORT: String(config.port), OW_DATA_DIR: config.dataDir };
    return new SupervisedProcess({
      spawn: (isFirst) =>
        spawnRunner({
          index,
          env,
          settings,
          databaseUrl: roles.runner,
          postgateUrl: roles.postgate,
          masterKey: config.masterKey,
          isPortProbed: index === 0 && isFirst,
        }),
      isReady: isRunnerReady,
      output,
      log: this.#log.child({ of: role }),
      startTimeoutMs: runnerStartTimeoutMs,
    });
  }

  #openLog(role: string): Logger {
    const output = new RoleLog(role, { folder: this.#logFolder, printer: this.#options.printer });
    this.#logs.push(output);
    const destination = { write: (line: string) => void output.write(line) };
    return createLogger({ role, level: this.#options.config.logLevel, destination });
  }

  get #logFolder(): string {
    return join(this.#options.config.dataDir, 'logs');
  }
}

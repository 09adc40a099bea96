import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock, type Logger, type Secret } from '@openworkers/core';
import type { Database } from '@openworkers/db';
import type { BootMessage, Invalidation } from '@openworkers/sandbox';
import { Annex } from './annex.ts';
import { AnswerDesk } from './answer-desk.ts';
import { EnvironmentStore } from './environment-store.ts';
import { InternalServer, type Readiness } from './internal-server.ts';
import { InvalidationFeed } from './invalidation.ts';
import { Listener } from './listener.ts';
import { Quarantine } from './quarantine.ts';
import { QuarantineList } from './quarantine-list.ts';
import { RecordIntake } from './record-intake.ts';
import type { RecordSink } from './record-sink.ts';
import { RouteResolver } from './route-resolver.ts';
import type { RunnerConfig } from './runner-config.ts';
import { SandboxFactory } from './sandbox-factory.ts';
import type { SandboxLink } from './sandbox-link.ts';
import { SandboxSupervisor } from './sandbox-supervisor.ts';
import { SandboxTalk } from './sandbox-talk.ts';
import { SocketHandover } from './socket-handover.ts';
import { StackMapper } from './stack-mapper.ts';
import { VersionStore } from './version-store.ts';

export interface RunnerOptions {
  readonly config: RunnerConfig;
  /** Logged in as the `runner` role; the caller closes it after `stop`. */
  readonly database: Database;
  /** The same login, for the connection that listens to notifications. */
  readonly databaseUrl: Secret;
  /** Result of `bundleRuntime`. */
  readonly runtimeScript: string;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Where log lines and invocations of workers go. */
  readonly sink: RecordSink;
}

const tickMs = 1_000;
const pingTimeoutMs = 1_000;

/** The trusted half of a runner pair. Create it with {@link createRunner}. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #quarantine: Quarantine;
  readonly #intake: RecordIntake;
  readonly #feed: InvalidationFeed;
  readonly #factory: SandboxFactory;
  readonly #handover: SocketHandover;
  readonly #supervisor: SandboxSupervisor;
  readonly #annex: Annex;
  readonly #listener: Listener;
  readonly #internal: InternalServer | undefined;
  #tick: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    const { config, database, databaseUrl, log, clock = systemClock } = options;
    const { queries } = database;
    const broadcast = (invalidation: Invalidation): void => this.#broadcast(invalidation);
    this.#options = options;
    this.#quarantine = new Quarantine({ list: new QuarantineList({ clock }), log, broadcast });
    const routes = new RouteResolver({
      queries,
      clock,
      hosts: { platformHost: config.publicUrl.hostname, baseDomain: config.baseDomain },
      onLateAnswer: (host) => broadcast({ host }),
    });
    const versions = new VersionStore({ queries });
    const desk = new AnswerDesk({
      routes,
      versions,
      environments: new EnvironmentStore({ queries }),
      isApart: ({ workerId, isSystem }) => isSystem || this.#quarantine.has(workerId),
      log,
    });
    const mapper = new StackMapper({ versions, log });
    this.#intake = new RecordIntake({
      sink: options.sink,
      mapStack: mapper.map.bind(mapper),
      clock,
      log,
    });
    const talk = new SandboxTalk({
      desk,
      intake: this.#intake,
      onForward: (link, message) => this.#annex.forward(link, message),
      onUnstoppable: (link, { handle }) => this.#replace(link, handle),
    });
    const shared = { clock, log, onMessage: talk.handle.bind(talk) };
    this.#feed = new InvalidationFeed({
      connectionString: databaseUrl,
      applicationName: 'ow-runner-listen',
      log,
      routes,
      broadcast,
    });
    const boot = bootMessage(config);
    this.#factory = new SandboxFactory({ boot, script: options.runtimeScript, clock, log });
    this.#handover = new SocketHandover({ log, maxConnections: config.maxConnections });
    this.#supervisor = new SandboxSupervisor({
      ...shared,
      factory: this.#factory,
      handover: this.#handover,
      onCrash: (link, exit) => this.#quarantine.addSuspectsOf(link, exit),
    });
    this.#annex = new Annex({
      ...shared,
      factory: this.#factory,
      onCrash: (workerIds) => this.#quarantine.add(workerIds),
    });
    this.#listener = new Listener({
      host: config.host,
      port: config.port,
      onConnection: (socket) => this.#handover.accept(socket),
    });
    const readiness = (): Promise<Readiness> => this.readiness();
    this.#internal =
      config.internalPort === undefined
        ? undefined
        : new InternalServer({ port: config.internalPort, readiness });
  }

  /** Port for clients; undefined while not listening. */
  get port(): number | undefined {
    return this.#listener.port;
  }

  get internalPort(): number | undefined {
    return this.#internal?.port;
  }

  /** Process ids of all sandboxes. */
  get sandboxPids(): { serving: number | undefined; draining: number[]; quarantine: number[] } {
    return { ...this.#supervisor.pids, quarantine: this.#annex.pids };
  }

  /** Names of the workers that some sandbox has been running for longer than a tick. */
  get runningWorkers(): string[] {
    return [...this.#supervisor.runningWorkers, ...this.#annex.runningWorkers];
  }

  /**
   * Listens, and returns once a sandbox serves. Connections that come earlier wait for it.
   *
   * @throws AppError `invalid_config` naming the setting when a port cannot be used
   */
  async start(): Promise<void> {
    await this.#internal?.start();
    this.#feed.start();
    this.#tick = setInterval(() => this.#onTick(), tickMs);
    await Promise.all([this.#listener.start(), this.#supervisor.start()]);
  }

  async readiness(): Promise<Readiness> {
    const answered = this.#options.database.ping().then(
      () => true,
      () => false,
    );
    const database = await Promise.race([answered, delay(pingTimeoutMs, false)]);
    return { database, sandbox: this.#supervisor.isServing };
  }

  /** Stops accepting, lets requests finish within `timeoutMs`, then ends every sandbox. */
  stop(timeoutMs: number): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs);
    return this.#stopping;
  }

  /** Ends every sandbox at once; for a process that is about to exit itself. */
  kill(): void {
    this.#supervisor.kill();
    this.#annex.stop();
    void this.#factory.stop();
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.#listener.stop();
    clearInterval(this.#tick);
    await this.#supervisor.stop(timeoutMs);
    this.#annex.stop();
    await this.#factory.stop();
    this.#handover.closeAll();
    this.#internal?.stop();
    await this.#feed.stop();
  }

  #replace(link: SandboxLink, handle: string): void {
    const instance = link.handles.find(handle);
    this.#options.log.warn({ ...instance, sandboxPid: link.pid }, 'a script cannot be stopped');
    if (instance !== undefined) this.#quarantine.add([instance.workerId]);
    if (this.#annex.owns(link)) this.#annex.discard(link);
    else void this.#supervisor.replace(link);
  }

  #onTick(): void {
    this.#quarantine.release();
    this.#annex.stopIdle();
    this.#intake.reportDropped();
  }

  #broadcast(invalidation: Invalidation): void {
    this.#supervisor.invalidate(invalidation);
    this.#annex.invalidate(invalidation);
  }
}

/** A runner pair: the trusted process' half, which starts and replaces its sandboxes. */
export function createRunner(options: RunnerOptions): Runner {
  return new Runner(options);
}

function bootMessage(config: RunnerConfig): Omit<BootMessage, 'role'> {
  return {
    baseDomain: config.baseDomain,
    platformHost: config.publicUrl.hostname,
    publicScheme: config.publicUrl.protocol === 'https:' ? 'https' : 'http',
    trustedProxies: config.trustedProxies,
    memoryBudgetBytes: config.sandboxMemoryBytes,
    spareIsolates: config.spareIsolates,
  };
}

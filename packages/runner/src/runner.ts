import { setTimeout as delay } from 'node:timers/promises';
import { assertNever, systemClock, type Clock, type Logger, type Secret } from '@openworkers/core';
import type { Database } from '@openworkers/db';
import type { BootMessage, Invalidation, SandboxMessage, VersionKey } from '@openworkers/sandbox';
import { Annex } from './annex.ts';
import { AnswerDesk } from './answer-desk.ts';
import { EnvironmentStore } from './environment-store.ts';
import { InternalServer, type Readiness } from './internal-server.ts';
import { InvalidationFeed } from './invalidation.ts';
import { Listener } from './listener.ts';
import { QuarantineList } from './quarantine-list.ts';
import { RecordIntake } from './record-intake.ts';
import { LogRecordSink, type RecordSink } from './record-sink.ts';
import { RouteResolver } from './route-resolver.ts';
import type { RunnerConfig } from './runner-config.ts';
import { SandboxFactory } from './sandbox-factory.ts';
import type { SandboxLink } from './sandbox-link.ts';
import { SandboxSupervisor } from './sandbox-supervisor.ts';
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
  /** Where log lines and invocations of workers go; the runner's own log when left out. */
  readonly sink?: RecordSink;
}

const tickMs = 1_000;
const maxSuspects = 8;
/** A process that crashed without saying what it ran: what it loaded just before is suspect. */
const suspectWindowMs = 5_000;
const pingTimeoutMs = 1_000;

/** The trusted half of a runner pair. Create it with {@link createRunner}. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #log: Logger;
  readonly #quarantine: QuarantineList;
  readonly #desk: AnswerDesk;
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
    this.#options = options;
    this.#log = log;
    this.#quarantine = new QuarantineList({ clock });
    const routes = new RouteResolver({
      queries,
      clock,
      hosts: { platformHost: config.publicUrl.hostname, baseDomain: config.baseDomain },
      onLateAnswer: (host) => this.#broadcast({ host }),
    });
    const versions = new VersionStore({ queries });
    this.#desk = new AnswerDesk({
      routes,
      versions,
      environments: new EnvironmentStore({ queries }),
      isApart: ({ workerId, isSystem }) => isSystem || this.#quarantine.has(workerId),
      log,
    });
    const sink = options.sink ?? new LogRecordSink(log);
    this.#intake = new RecordIntake({
      sink,
      mapper: new StackMapper({ versions, log }),
      clock,
      log,
    });
    this.#feed = new InvalidationFeed({
      connectionString: databaseUrl,
      applicationName: 'ow-runner-listen',
      log,
      routes,
      broadcast: (invalidation) => this.#broadcast(invalidation),
    });
    this.#factory = new SandboxFactory({
      boot: bootMessage(config),
      script: options.runtimeScript,
      clock,
      log,
    });
    this.#handover = new SocketHandover({ log, maxConnections: config.maxConnections });
    const onMessage = (link: SandboxLink, message: SandboxMessage): void =>
      this.#onMessage(link, message);
    this.#supervisor = new SandboxSupervisor({
      factory: this.#factory,
      handover: this.#handover,
      clock,
      log,
      onMessage,
      onCrash: (link, { signal }) => this.#quarantineSuspects(link, signal),
    });
    this.#annex = new Annex({
      factory: this.#factory,
      clock,
      log,
      onMessage,
      onCrash: (workerIds) => this.#quarantineAll(workerIds),
    });
    this.#listener = new Listener({
      host: config.host,
      port: config.port,
      onConnection: (socket) => this.#handover.accept(socket),
    });
    this.#internal =
      config.internalPort === undefined
        ? undefined
        : new InternalServer({ port: config.internalPort, readiness: () => this.readiness() });
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

  #onMessage(link: SandboxLink, message: SandboxMessage): void {
    switch (message.kind) {
      case 'askRoute':
        link.answerWith(this.#answerRoute(link, message));
        return;
      case 'askVersion':
        link.answerWith(this.#answerVersion(link, message));
        return;
      case 'records':
        this.#intake.take(message.records, link.handles);
        return;
      case 'unstoppable':
        this.#replace(link, message.handle);
        return;
      case 'forward':
        this.#annex.forward(link, message);
        return;
      case 'ready':
      case 'drained':
      case 'running':
      case 'connections':
        // Dealt with where the process and its connections are known.
        return;
      default:
        assertNever(message);
    }
  }

  async #answerRoute(
    link: SandboxLink,
    { id, host }: { id: number; host: string },
  ): Promise<() => void> {
    try {
      const { answer, isUncertain } = await this.#desk.route(host, link);
      return () => {
        link.sendRoute(id, answer);
        if (isUncertain) link.invalidate({ host });
      };
    } catch (error) {
      const refusal = this.#desk.refusal(error);
      return () => link.sendRefusal(id, refusal);
    }
  }

  async #answerVersion(
    link: SandboxLink,
    { id, key }: { id: number; key: VersionKey },
  ): Promise<() => void> {
    try {
      const version = await this.#desk.version(key, link);
      return () => link.sendVersion(id, version);
    } catch (error) {
      const refusal = this.#desk.refusal(error);
      return () => link.sendRefusal(id, refusal);
    }
  }

  #replace(link: SandboxLink, handle: string): void {
    const instance = link.handles.find(handle);
    this.#log.warn({ ...instance, sandboxPid: link.pid }, 'a script cannot be stopped');
    if (instance !== undefined) this.#quarantineAll([instance.workerId]);
    if (this.#annex.owns(link)) this.#annex.discard(link);
    else void this.#supervisor.replace(link);
  }

  #quarantineSuspects(link: SandboxLink, signal: NodeJS.Signals | null): void {
    // SIGKILL without a suspect came from outside (an operator, the kernel): nobody's fault.
    const withinMs = signal === 'SIGKILL' ? 0 : suspectWindowMs;
    const suspects = link.suspects({ max: maxSuspects, withinMs });
    this.#quarantineAll(suspects.map(({ workerId }) => workerId));
  }

  #quarantineAll(workerIds: readonly string[]): void {
    for (const workerId of workerIds) {
      const stayMs = this.#quarantine.add(workerId);
      this.#log.warn({ workerId, stayMs }, 'worker moves to quarantine');
      this.#broadcast({ worker: workerId });
    }
  }

  #onTick(): void {
    for (const workerId of this.#quarantine.takeReleased()) {
      this.#log.info({ workerId }, 'worker leaves quarantine');
      this.#broadcast({ worker: workerId });
    }
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

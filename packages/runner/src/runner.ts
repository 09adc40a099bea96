import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock, type Logger, type Secret } from '@openworkers/core';
import type { Database, Sealer } from '@openworkers/db';
import { createPostgate } from '@openworkers/postgate';
import type { BootMessage, Invalidation } from '@openworkers/sandbox';
import { createBindings, type WorkerBindings } from './bindings/create-bindings.ts';
import { createEgress, type WorkerEgress } from './egress/create-egress.ts';
import { InternalServer, type Readiness } from './internal-server.ts';
import type { InvalidationFeed } from './invalidation.ts';
import { Listener } from './listener.ts';
import { createPlatformData } from './platform-data.ts';
import { Quarantine } from './quarantine.ts';
import { QuarantineList } from './quarantine-list.ts';
import type { RecordSink } from './record-sink.ts';
import type { RunnerConfig } from './runner-config.ts';
import { SandboxFleet, type SandboxPids } from './sandbox-fleet.ts';

export interface RunnerOptions {
  readonly config: RunnerConfig;
  /** Logged in as the `runner` role; the caller closes it after `stop`. */
  readonly database: Database;
  /** A second pool with the same login, for what workers do through bindings. */
  readonly bindingsDatabase: Database;
  /** Opens the secrets of environments. */
  readonly sealer: Sealer;
  /** Login of Postgate, which runs workers' SQL. */
  readonly postgateUrl: Secret;
  /** The login of `database`, for the connection that listens to notifications. */
  readonly databaseUrl: Secret;
  /** `bundleRuntime`: gives the code that runs inside isolates. Called once. */
  readonly bundle: () => Promise<string>;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Where log lines and invocations of workers go. */
  readonly sink: RecordSink;
}

const pingTimeoutMs = 1_000;

/** The trusted half of a runner pair. Create it with {@link createRunner}. */
export class Runner {
  readonly #database: Database;
  readonly #feed: InvalidationFeed;
  readonly #fleet: SandboxFleet;
  readonly #egress: WorkerEgress;
  readonly #bindings: WorkerBindings;
  readonly #listener: Listener;
  readonly #internal: InternalServer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    const { config, log, clock = systemClock } = options;
    const broadcast = (invalidation: Invalidation): void => this.#fleet.invalidate(invalidation);
    const quarantine = new Quarantine({ list: new QuarantineList({ clock }), log, broadcast });
    const { feed, ...data } = createPlatformData({
      ...options,
      clock,
      hosts: { platformHost: config.publicUrl.hostname, baseDomain: config.baseDomain },
      isApart: ({ workerId, isSystem }) => isSystem || quarantine.has(workerId),
      broadcast,
    });
    this.#egress = createEgress({
      allow: config.egressAllow,
      databaseUrl: options.databaseUrl.reveal(),
      ownPorts: () => [this.port, this.internalPort, config.port].flatMap((port) => port ?? []),
    });
    const egress = this.#egress;
    const postgate = createPostgate({
      server: options.postgateUrl,
      sealer: options.sealer,
      addressesOf: (hostname, port) => egress.addressesOf(hostname, port),
      log,
    });
    this.#bindings = createBindings({
      database: options.bindingsDatabase,
      postgate,
      objectsFolder: config.objectsFolder,
      clock,
      log,
    });
    this.#database = options.database;
    this.#feed = feed;
    this.#fleet = new SandboxFleet({
      ...data,
      boot: bootMessage(config),
      bundle: options.bundle,
      maxConnections: config.maxConnections,
      quarantine,
      egress: { ...this.#egress.kinds, ...this.#bindings.kinds },
      clock,
      log,
    });
    this.#listener = new Listener({
      host: config.host,
      port: config.port,
      onConnection: (socket) => this.#fleet.accept(socket),
    });
    this.#internal = this.#createInternal(config.internalPort);
  }

  /** Port for clients; undefined while not listening. */
  get port(): number | undefined {
    return this.#listener.port;
  }

  get internalPort(): number | undefined {
    return this.#internal?.port;
  }

  get sandboxPids(): SandboxPids {
    return this.#fleet.pids;
  }

  /** Client connections, and those of them on which a request runs or ran a moment ago. */
  get connections(): { readonly open: number; readonly busy: number } {
    return this.#fleet.connections;
  }

  /** Names of the workers that some sandbox has been running for longer than a tick. */
  get runningWorkers(): string[] {
    return this.#fleet.runningWorkers;
  }

  /**
   * Listens, and returns once a sandbox serves. Connections that come earlier wait for it.
   *
   * @throws AppError `invalid_config` naming the setting when a port cannot be used
   */
  async start(): Promise<void> {
    await this.#internal?.start();
    this.#feed.start();
    await Promise.all([this.#listener.start(), this.#fleet.start()]);
  }

  async readiness(): Promise<Readiness> {
    const answered = this.#database.ping().then(
      () => true,
      () => false,
    );
    const database = await Promise.race([answered, delay(pingTimeoutMs, false)]);
    return { database, sandbox: this.#fleet.isServing };
  }

  /** Stops accepting, lets requests finish within `timeoutMs`, then ends every sandbox. */
  stop(timeoutMs: number): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs);
    return this.#stopping;
  }

  /** Ends every sandbox at once; for a process that is about to exit itself. */
  kill(): void {
    this.#fleet.kill();
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.#listener.stop();
    await this.#fleet.stop(timeoutMs);
    this.#egress.stop();
    await this.#bindings.stop();
    this.#internal?.stop();
    await this.#feed.stop();
  }

  #createInternal(port: number | undefined): InternalServer | undefined {
    if (port === undefined) return undefined;
    return new InternalServer({ port, readiness: () => this.readiness() });
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

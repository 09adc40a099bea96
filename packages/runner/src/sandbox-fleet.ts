import type { Socket } from 'node:net';
import type { Clock, Logger } from '@openworkers/core';
import type { BootMessage, Invalidation } from '@openworkers/sandbox';
import { Annex } from './annex.ts';
import type { AnswerDesk } from './answer-desk.ts';
import { ChannelDesk, type EgressKinds } from './egress/channel-desk.ts';
import type { Quarantine } from './quarantine.ts';
import type { RecordIntake } from './record-intake.ts';
import { SandboxFactory } from './sandbox-factory.ts';
import type { SandboxLink } from './sandbox-link.ts';
import { SandboxSupervisor } from './sandbox-supervisor.ts';
import { SandboxTalk } from './sandbox-talk.ts';
import { SocketHandover } from './socket-handover.ts';

export interface SandboxFleetOptions {
  readonly boot: Omit<BootMessage, 'role'>;
  /** Gives the bundled runtime. */
  readonly bundle: () => Promise<string>;
  readonly maxConnections: number;
  readonly desk: AnswerDesk;
  readonly intake: RecordIntake;
  readonly quarantine: Quarantine;
  /** What workers can reach outside. */
  readonly egress: EgressKinds;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Process ids of the sandboxes. */
export interface SandboxPids {
  readonly serving: number | undefined;
  readonly draining: readonly number[];
  readonly quarantine: readonly number[];
}

const tickMs = 1_000;

/** All sandboxes of a runner: the one that serves everybody, those that finish, and the annex. */
export class SandboxFleet {
  readonly #options: SandboxFleetOptions;
  readonly #factory: SandboxFactory;
  readonly #handover: SocketHandover;
  readonly #supervisor: SandboxSupervisor;
  readonly #annex: Annex;
  #tick: NodeJS.Timeout | undefined;

  constructor(options: SandboxFleetOptions) {
    const { boot, bundle, maxConnections, desk, intake, quarantine, clock, log } = options;
    this.#options = options;
    const channels = new ChannelDesk({ kinds: options.egress, log });
    const talk = new SandboxTalk({
      desk,
      intake,
      onForward: (link, message) => this.#annex.forward(link, message),
      onChannel: (link, message) => channels.open(link, message),
      onUnstoppable: (link, { handle }) => this.#replaceStuck(link, handle),
      onOvergrown: (link) => this.#replaceOvergrown(link),
    });
    const factory = new SandboxFactory({ boot, bundle, clock, log });
    const handover = new SocketHandover({ log, maxConnections });
    const shared = { factory, clock, log, onMessage: talk.handle.bind(talk) };
    this.#factory = factory;
    this.#handover = handover;
    this.#supervisor = new SandboxSupervisor({
      ...shared,
      handover,
      onCrash: (link, exit) => quarantine.addSuspectsOf(link, exit),
    });
    this.#annex = new Annex({ ...shared, onCrash: (workerIds) => quarantine.add(workerIds) });
  }

  /** Whether a sandbox takes requests now. */
  get isServing(): boolean {
    return this.#supervisor.isServing;
  }

  get pids(): SandboxPids {
    return { ...this.#supervisor.pids, quarantine: this.#annex.pids };
  }

  /** Names of the workers that some sandbox has been running for longer than a tick. */
  get runningWorkers(): string[] {
    return [...this.#supervisor.runningWorkers, ...this.#annex.runningWorkers];
  }

  /** Client connections, and those of them on which a request runs. */
  get connections(): { readonly open: number; readonly busy: number } {
    return { open: this.#handover.connectionCount, busy: this.#handover.busyCount };
  }

  /** Takes a new client connection; it waits while no sandbox serves. */
  accept(socket: Socket): void {
    this.#handover.accept(socket);
  }

  /** Returns once a sandbox serves. */
  async start(): Promise<void> {
    this.#tick = setInterval(() => this.#onTick(), tickMs);
    await this.#supervisor.start();
  }

  invalidate(invalidation: Invalidation): void {
    this.#supervisor.invalidate(invalidation);
    this.#annex.invalidate(invalidation);
  }

  /** Lets requests finish within `timeoutMs`, then ends every sandbox and connection. */
  async stop(timeoutMs: number): Promise<void> {
    clearInterval(this.#tick);
    this.#annex.beginDrain();
    await this.#supervisor.stop(timeoutMs);
    this.#annex.stop();
    await this.#factory.stop();
    this.#handover.closeAll();
  }

  /** Ends every sandbox at once. */
  kill(): void {
    clearInterval(this.#tick);
    this.#supervisor.kill();
    this.#annex.stop();
    void this.#factory.stop();
  }

  #replaceStuck(link: SandboxLink, handle: string): void {
    const instance = link.handles.find(handle);
    this.#options.log.warn({ ...instance, sandboxPid: link.pid }, 'a script cannot be stopped');
    if (instance !== undefined) this.#options.quarantine.add([instance.workerId]);
    this.#replace(link);
  }

  #replaceOvergrown(link: SandboxLink): void {
    this.#options.log.warn({ sandboxPid: link.pid }, 'a sandbox has grown too large');
    this.#replace(link);
  }

  #replace(link: SandboxLink): void {
    if (this.#annex.owns(link)) this.#annex.discard(link);
    else void this.#supervisor.replace(link);
  }

  #onTick(): void {
    this.#options.quarantine.release();
    this.#annex.stopIdle();
    this.#options.intake.reportDropped();
  }
}

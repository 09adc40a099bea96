import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, type Logger } from '@openworkers/core';
import type { Invalidation, SandboxExit, SandboxMessage } from '@openworkers/sandbox';
import type { SandboxFactory } from './sandbox-factory.ts';
import type { SandboxLink, SandboxOwner } from './sandbox-link.ts';
import type { SocketHandover } from './socket-handover.ts';

export interface SandboxSupervisorOptions {
  readonly factory: SandboxFactory;
  readonly handover: SocketHandover;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes the messages that are not about connections. */
  readonly onMessage: (link: SandboxLink, message: SandboxMessage) => void;
  /** Told before the connections move on, so that the next sandbox knows whom to keep apart. */
  readonly onCrash: (link: SandboxLink, exit: SandboxExit) => void;
  /** Milliseconds that a sandbox may go on after it was told to finish; wall limit and a bit. */
  readonly drainMs?: number;
}

const maxDraining = 3;
/** So many deaths within the window are answered at once, further ones with growing delay. */
const promptRestarts = 5;
const restartWindowMs = 10_000;
const firstDelayMs = 100;
const longestDelayMs = 2_000;

/**
 * Keeps one sandbox serving all tenants: starts it, replaces it when it dies or has to go, and lets
 * the one before finish what it runs.
 */
export class SandboxSupervisor implements SandboxOwner {
  readonly #options: Required<SandboxSupervisorOptions>;
  readonly #draining = new Set<SandboxLink>();
  #current: SandboxLink | undefined;
  #starting: Promise<void> | undefined;
  #recentStarts: number[] = [];
  #isStopping = false;

  constructor(options: SandboxSupervisorOptions) {
    this.#options = { drainMs: 65_000, ...options };
  }

  /** Whether a sandbox takes requests now. */
  get isServing(): boolean {
    return this.#current !== undefined;
  }

  /** Process ids: of the sandbox that serves, and of those that finish. */
  get pids(): { serving: number | undefined; draining: number[] } {
    return { serving: this.#current?.pid, draining: [...this.#draining].map(({ pid }) => pid) };
  }

  /** Names of the workers that have been running for longer than a tick. */
  get runningWorkers(): string[] {
    return this.#links().flatMap((link) => link.runningInstances.map((it) => it.workerName));
  }

  /** Starts the first sandbox; one that fails to start is tried again until `stop`. */
  start(): Promise<void> {
    this.#starting ??= this.#startNext().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  onMessage(link: SandboxLink, message: SandboxMessage): void {
    if (message.kind === 'connections') {
      this.#options.handover.applyChanges(link, message.changes);
    } else {
      this.#options.onMessage(link, message);
    }
  }

  onGone(link: SandboxLink, exit: SandboxExit): void {
    const { log, handover, onCrash } = this.#options;
    if (!link.isStopping) {
      log.warn({ sandboxPid: link.pid, ...exit }, 'sandbox ended');
      onCrash(link, exit);
    }
    this.#draining.delete(link);
    if (this.#current === link) this.#current = undefined;
    handover.ownerGone(link);
    if (this.#current === undefined && !this.#isStopping) void this.start();
  }

  /** A new sandbox takes over; this one finishes what it can. */
  async replace(link: SandboxLink): Promise<void> {
    if (link !== this.#current || this.#isStopping) return;
    this.#draining.add(link);
    this.#current = undefined;
    await this.start();
    // Only now: until then the old one serves better than none.
    const [oldest] = this.#draining;
    if (this.#draining.size > maxDraining && oldest !== link) oldest?.stop();
    await link.drain(this.#options.drainMs);
  }

  invalidate(invalidation: Invalidation): void {
    for (const link of this.#links()) link.invalidate(invalidation);
  }

  /** Lets everything finish within `timeoutMs`, then ends it. */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true;
    const links = this.#links();
    this.#current = undefined;
    this.#options.handover.closeIdle();
    await Promise.all([this.#starting, ...links.map((link) => link.drain(timeoutMs))]);
  }

  /** Ends everything at once. */
  kill(): void {
    this.#isStopping = true;
    for (const link of this.#links()) link.stop();
    this.#current = undefined;
  }

  #links(): SandboxLink[] {
    return [...this.#draining, ...(this.#current === undefined ? [] : [this.#current])];
  }

  async #startNext(): Promise<void> {
    while (!this.#isStopping) {
      await delay(this.#delayMs());
      if (this.#isStopping) return;
      try {
        const link = await this.#options.factory.start('shared', this);
        if (this.#accept(link)) return;
      } catch (error) {
        this.#options.log.error({ err: error }, 'sandbox could not be started');
      }
    }
  }

  /** False when it died or was not wanted any more by the time it was ready. */
  #accept(link: SandboxLink): boolean {
    if (link.isGone) return false;
    if (this.#isStopping) {
      link.stop();
      return true;
    }
    this.#current = link;
    this.#options.handover.setTarget(link);
    this.#options.log.info({ sandboxPid: link.pid }, 'sandbox serves');
    return true;
  }

  #delayMs(): number {
    const now = this.#options.clock.now();
    this.#recentStarts = this.#recentStarts.filter((time) => time > now - restartWindowMs);
    this.#recentStarts.push(now);
    const excess = this.#recentStarts.length - promptRestarts;
    return excess <= 0 ? 0 : Math.min(firstDelayMs * 2 ** (excess - 1), longestDelayMs);
  }
}

import type { Clock, Logger } from '@openworkers/core';
import type { Invalidation, SandboxExit, SandboxMessage, SandboxRole } from '@openworkers/sandbox';
import type { ForwardRelay } from './forward-relay.ts';
import type { Grant } from './grants.ts';
import type { SandboxFactory } from './sandbox-factory.ts';
import type { SandboxLink, SandboxOwner } from './sandbox-link.ts';

export interface AnnexSlotOptions {
  readonly role: SandboxRole;
  readonly factory: SandboxFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onMessage: (link: SandboxLink, message: SandboxMessage) => void;
  /** The process ended by itself while requests of these workers were in it. */
  readonly onCrash: (workerIds: readonly string[]) => void;
}

const maxWaiting = 500;
const firstDelayMs = 250;
const longestDelayMs = 10_000;
/** After so long without a death the next one is answered at once again. */
const calmMs = 60_000;
const maxSuspects = 8;

/**
 * A sandbox beside the shared one, reached by forwarding only. It is started by the first request
 * and again by the first one after its death, which has to wait longer each time.
 */
export class AnnexSlot implements SandboxOwner {
  readonly workers = new Set<string>();
  readonly #options: AnnexSlotOptions;
  readonly #active = new Map<string, number>();
  #link: SandboxLink | undefined;
  #isStarting = false;
  #waiting: { relay: ForwardRelay; grant: Grant }[] = [];
  #deaths = 0;
  #diedAtMs = 0;
  #notBeforeMs = 0;
  #lastUsedMs: number;

  constructor(options: AnnexSlotOptions) {
    this.#options = options;
    this.#lastUsedMs = options.clock.now();
  }

  get pid(): number | undefined {
    return this.#link?.pid;
  }

  get runningWorkers(): string[] {
    return (this.#link?.runningInstances ?? []).map((instance) => instance.workerName);
  }

  get requestCount(): number {
    return this.#waiting.length + (this.#link?.streamCount ?? 0);
  }

  /** Milliseconds since something was running here. */
  get idleMs(): number {
    if (this.requestCount > 0) return 0;
    return this.#options.clock.now() - this.#lastUsedMs;
  }

  /** Runs a forwarded request here, starting the process if need be. */
  run(relay: ForwardRelay, grant: Grant): void {
    const now = this.#options.clock.now();
    this.workers.add(grant.workerId);
    this.#lastUsedMs = now;
    if (this.#link !== undefined) this.#begin(this.#link, relay, grant);
    else if (now < this.#notBeforeMs) relay.fail('SandboxLost');
    else if (this.#waiting.length >= maxWaiting) relay.fail('Overloaded');
    else {
      this.#waiting.push({ relay, grant });
      if (!this.#isStarting) void this.#start();
    }
  }

  onMessage(link: SandboxLink, message: SandboxMessage): void {
    this.#options.onMessage(link, message);
  }

  onGone(link: SandboxLink, exit: SandboxExit): void {
    if (this.#link === link) this.#link = undefined;
    if (link.isStopping) return;
    this.#options.log.warn({ sandboxPid: link.pid, ...exit }, 'annex sandbox ended');
    this.#postpone();
    const running = link.suspects({ max: maxSuspects, withinMs: 0 }).map((it) => it.workerId);
    this.#options.onCrash(running.length > 0 ? running : [...this.#active.keys()]);
  }

  /** A script in it cannot be stopped: the process has to go, and with it what else it runs. */
  discard(link: SandboxLink): void {
    if (this.#link === link) this.#link = undefined;
    this.#postpone();
    link.stop();
  }

  invalidate(invalidation: Invalidation): void {
    this.#link?.invalidate(invalidation);
  }

  beginDrain(): void {
    this.#link?.beginDrain();
  }

  stop(): void {
    for (const { relay } of this.#waiting.splice(0)) relay.fail('SandboxLost');
    this.#link?.stop();
    this.#link = undefined;
  }

  async #start(): Promise<void> {
    this.#isStarting = true;
    const { factory, role, log } = this.#options;
    try {
      const link = await factory.start(role, this);
      this.#link = link.isGone ? undefined : link;
      log.info({ sandboxPid: link.pid, role }, 'annex sandbox serves');
    } catch (error) {
      log.error({ err: error }, 'annex sandbox could not be started');
      this.#postpone();
    }
    this.#isStarting = false;
    for (const { relay, grant } of this.#waiting.splice(0)) {
      if (this.#link === undefined) relay.fail('SandboxLost');
      else this.#begin(this.#link, relay, grant);
    }
  }

  #begin(link: SandboxLink, relay: ForwardRelay, { workerId, ...rest }: Grant): void {
    link.grant({ workerId, ...rest });
    this.#active.set(workerId, (this.#active.get(workerId) ?? 0) + 1);
    relay.start(link, () => {
      const left = (this.#active.get(workerId) ?? 1) - 1;
      if (left === 0) this.#active.delete(workerId);
      else this.#active.set(workerId, left);
      this.#lastUsedMs = this.#options.clock.now();
    });
  }

  #postpone(): void {
    const now = this.#options.clock.now();
    this.#deaths = now - this.#diedAtMs > calmMs ? 1 : this.#deaths + 1;
    this.#diedAtMs = now;
    // The first death is answered at once.
    const delayMs = this.#deaths === 1 ? 0 : firstDelayMs * 2 ** (this.#deaths - 2);
    this.#notBeforeMs = now + Math.min(delayMs, longestDelayMs);
  }
}

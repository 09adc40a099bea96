import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf, type Clock, type Logger } from '@openworkers/core';
import { spawnSandbox, type BootMessage, type SandboxRole } from '@openworkers/sandbox';
import { SandboxLink, type SandboxOwner } from './sandbox-link.ts';

export interface SandboxFactoryOptions {
  /** What every sandbox is told, apart from its role. */
  readonly boot: Omit<BootMessage, 'role'>;
  /** Bundles the runtime; called once, while the first process loads. */
  readonly bundle: () => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds from the start of a process until it must be ready. */
  readonly readyTimeoutMs?: number;
}

/**
 * Users that exist on no usual machine (systemd leaves these numbers free): each sandbox becomes
 * another one, so that it can signal neither the runner nor its siblings.
 */
const firstSandboxUser = 60_514;
const sandboxUsers = 64;
const annexBudgetBytes = 256 * 1024 * 1024;

/**
 * Makes sandboxes, and keeps one process in waiting that has loaded its code and knows no role yet:
 * replacing a dead sandbox then takes only the boot of the isolates.
 */
export class SandboxFactory {
  readonly #options: Required<SandboxFactoryOptions>;
  #spare: Promise<SandboxLink> | undefined;
  #script: Promise<string> | undefined;
  #nextUser = process.pid % sandboxUsers;
  #isStopped = false;

  constructor(options: SandboxFactoryOptions) {
    this.#options = { readyTimeoutMs: 15_000, ...options };
  }

  /**
   * A sandbox that is ready for requests.
   *
   * @throws Error when the process cannot be started, ends, or is not ready in time
   */
  async start(role: SandboxRole, owner: SandboxOwner): Promise<SandboxLink> {
    const { boot, bundle, readyTimeoutMs } = this.#options;
    const taking = this.#take();
    // Bundling holds the event loop for a moment: the process starts first, and loads meanwhile.
    this.#script ??= nextTurn().then(bundle);
    const [link, script] = await Promise.all([taking, this.#script]);
    await link.boot(
      { ...boot, role, memoryBudgetBytes: this.#budgetOf(role) },
      { script, owner, timeoutMs: readyTimeoutMs },
    );
    if (this.#isStopped) link.stop();
    else this.#keepSpare();
    return link;
  }

  /** Ends the process in waiting; sandboxes already made are their owners' business. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const spare = this.#spare;
    this.#spare = undefined;
    // A spare that could not be started needs no stopping.
    const link = await spare?.catch(() => undefined);
    link?.stop();
  }

  /** Few workers live in the others, and there may be several of them. */
  #budgetOf(role: SandboxRole): number {
    const { memoryBudgetBytes } = this.#options.boot;
    return role === 'shared' ? memoryBudgetBytes : Math.min(memoryBudgetBytes, annexBudgetBytes);
  }

  async #take(): Promise<SandboxLink> {
    const spare = this.#spare;
    this.#spare = undefined;
    const link = await spare?.catch(() => undefined);
    return link === undefined || link.isGone ? this.#spawn() : link;
  }

  #keepSpare(): void {
    if (this.#spare !== undefined) return;
    this.#spare = this.#spawn();
    this.#spare.catch((error: unknown) => {
      this.#options.log.warn({ problem: messageOf(error) }, 'no spare sandbox');
    });
  }

  async #spawn(): Promise<SandboxLink> {
    const { clock, log } = this.#options;
    const process = await spawnSandbox({ log, ...this.#identity() });
    return new SandboxLink({ process, clock, log });
  }

  #identity(): { user?: { uid: number; gid: number } } {
    if (process.getuid?.() !== 0) return {};
    const id = firstSandboxUser + (this.#nextUser++ % sandboxUsers);
    return { user: { uid: id, gid: id } };
  }
}

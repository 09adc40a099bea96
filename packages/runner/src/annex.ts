import type { Clock, Logger } from '@openworkers/core';
import type { ForwardQuestion, Invalidation, SandboxMessage } from '@openworkers/sandbox';
import { AnnexSlot } from './annex-slot.ts';
import { ForwardRelay } from './forward-relay.ts';
import type { Grant } from './grants.ts';
import type { SandboxFactory } from './sandbox-factory.ts';
import type { SandboxLink } from './sandbox-link.ts';

export interface AnnexOptions {
  readonly factory: SandboxFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onMessage: (link: SandboxLink, message: SandboxMessage) => void;
  /** A process ended by itself while it ran these workers. */
  readonly onCrash: (workerIds: readonly string[]) => void;
  /** Largest number of quarantine processes; further workers share. */
  readonly maxQuarantineProcesses?: number;
  /** Milliseconds without a request after which a process is stopped. */
  readonly idleStopMs?: number;
}

const systemSlot = 'system';

/** The sandboxes for workers that must not run beside the others: system workers and suspects. */
export class Annex {
  readonly #options: Required<AnnexOptions>;
  readonly #quarantine = new Set<AnnexSlot>();
  #system: AnnexSlot | undefined;

  constructor(options: AnnexOptions) {
    this.#options = { maxQuarantineProcesses: 4, idleStopMs: 60_000, ...options };
  }

  /** Process ids of the quarantine. */
  get pids(): number[] {
    return [...this.#quarantine].flatMap(({ pid }) => pid ?? []);
  }

  get runningWorkers(): string[] {
    return this.#slots().flatMap((slot) => slot.runningWorkers);
  }

  /**
   * Takes over a request that a sandbox handed on.
   *
   * @throws ProtocolError when the stream number cannot be used
   */
  forward(from: SandboxLink, { id, question }: { id: number; question: ForwardQuestion }): void {
    const grant = from.grants.find(question.key);
    const limits = grant?.limits;
    if (grant === undefined || limits === undefined) {
      refuse(from, { id, question });
      return;
    }
    const relay = new ForwardRelay({ ...question, limits });
    relay.attachClient(from.acceptForward(id, relay.clientHandler, question));
    this.#slotFor(grant).run(relay, grant);
  }

  /** A script in one of these sandboxes cannot be stopped. */
  discard(link: SandboxLink): void {
    for (const slot of this.#slots()) if (slot.pid === link.pid) slot.discard(link);
  }

  owns(link: SandboxLink): boolean {
    return this.#slots().some(({ pid }) => pid === link.pid);
  }

  invalidate(invalidation: Invalidation): void {
    for (const slot of this.#slots()) slot.invalidate(invalidation);
  }

  /** Ends processes that nobody needed for a while; call it now and then. */
  stopIdle(): void {
    for (const slot of this.#quarantine) {
      if (slot.idleMs < this.#options.idleStopMs) continue;
      slot.stop();
      this.#quarantine.delete(slot);
    }
  }

  /** The runner stops: WebSockets close. Requests that the other sandboxes still run may come. */
  beginDrain(): void {
    for (const slot of this.#slots()) slot.beginDrain();
  }

  stop(): void {
    for (const slot of this.#slots()) slot.stop();
    this.#quarantine.clear();
    this.#system = undefined;
  }

  #slots(): AnnexSlot[] {
    return [...this.#quarantine, ...(this.#system === undefined ? [] : [this.#system])];
  }

  #slotFor({ workerId, isSystem }: Grant): AnnexSlot {
    if (isSystem) {
      this.#system ??= new AnnexSlot({ role: systemSlot, ...this.#options });
      return this.#system;
    }
    const slots = [...this.#quarantine];
    const own = slots.find(({ workers }) => workers.has(workerId));
    if (own !== undefined) return own;
    if (slots.length < this.#options.maxQuarantineProcesses) return this.#addSlot();
    return slots.reduce((best, slot) => (slot.workers.size < best.workers.size ? slot : best));
  }

  #addSlot(): AnnexSlot {
    const slot = new AnnexSlot({ role: 'quarantine', ...this.#options });
    this.#quarantine.add(slot);
    return slot;
  }
}

/** The sandbox was never told about that version, or so long ago that it is forgotten. */
function refuse(
  from: SandboxLink,
  { id, question }: { id: number; question: ForwardQuestion },
): void {
  const ignore = (): void => undefined;
  const handler = {
    data: ignore,
    end: ignore,
    reset: ignore,
    sent: ignore,
    response: ignore,
    failure: ignore,
    clientGone: ignore,
  };
  from.acceptForward(id, handler, question).fail({ reason: 'unavailable' });
}

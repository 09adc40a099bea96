import { hostOps } from '../boundary.ts';
import { currentContext, swapContext } from '../async-context/context.ts';
import type { InstallOptions } from '../boundary.ts';
import type { EventState } from '../dispatch/event-state.ts';
import { host } from '../dispatch/host.ts';
import { reportException } from '../dispatch/services.ts';
import { domExceptionModule } from '../lazy/lazy-modules.ts';
import { globalObject, ReflectApply } from '../primordials.ts';
import { SafeMap, SafeSet } from '../safe-collections.ts';

/** A timer that has not fired, or that repeats. */
interface Timer {
  readonly event: EventState;
  readonly callback: (...args: never) => unknown;
  readonly args: readonly unknown[];
  /** Undefined fires once. */
  readonly intervalMs: number | undefined;
}

interface PendingTimer extends Timer {
  readonly context: unknown;
}

const noArguments: readonly unknown[] = [];

function tooManyTimers(): Error {
  const { QuotaExceededError } = domExceptionModule.value;
  return new QuotaExceededError('Too many pending timers');
}

/** The pending timers of the isolate; each ends with the event that set it. */
export class Timers {
  readonly #timers = new SafeMap<number, PendingTimer>();
  readonly #limits: Pick<InstallOptions, 'maxTimers'>;
  #lastId = 0;

  constructor(limits: Pick<InstallOptions, 'maxTimers'>) {
    this.#limits = limits;
  }

  /** Throws a QuotaExceededError when too many are pending. */
  set(timer: Timer, delayMs: number): number {
    if (this.#timers.size >= this.#limits.maxTimers) throw tooManyTimers();
    this.#lastId += 1;
    const id = this.#lastId;
    // What is left of an event that is over sets timers in vain.
    if (timer.event.isOver) return id;
    const { event, callback, args, intervalMs } = timer;
    this.#timers.set(id, { event, callback, args, intervalMs, context: currentContext() });
    (timer.event.timerIds ??= new SafeSet()).add(id);
    host(hostOps.setTimer, timer.event.id, id, delayMs);
    return id;
  }

  /** A timer of the runtime's own; the result stops it. */
  startInternal(event: EventState, callback: () => void, delayMs: number): () => void {
    const id = this.set({ event, callback, args: noArguments, intervalMs: undefined }, delayMs);
    return () => this.clear(id);
  }

  clear(id: number): void {
    const timer = this.#timers.get(id);
    if (timer === undefined) return;
    this.#forget(id, timer);
    host(hostOps.clearTimer, timer.event.id, id);
  }

  fire(id: number): void {
    const timer = this.#timers.get(id);
    if (timer === undefined) return;
    if (timer.intervalMs === undefined) this.#forget(id, timer);
    swapContext(timer.context);
    try {
      ReflectApply(timer.callback, globalObject, timer.args);
    } catch (error) {
      reportException(error);
    }
    if (timer.intervalMs !== undefined && this.#timers.has(id)) {
      host(hostOps.setTimer, timer.event.id, id, timer.intervalMs);
    }
  }

  #forget(id: number, timer: Timer): void {
    this.#timers.delete(id);
    timer.event.timerIds?.delete(id);
  }

  /** The sandbox knows by itself that the timers of an event that is over are void. */
  dropAllOf(event: EventState): void {
    const ids = event.timerIds;
    event.timerIds = undefined;
    ids?.forEach((id) => this.#timers.delete(id));
  }
}

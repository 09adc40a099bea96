import type { TerminationReason } from '@openworkers/core';
import { platformLimits } from '@openworkers/core/limits';
import { startRetryMs, startWallMs } from './engine-limits.ts';
import type { EnginePool } from './engine-pool.ts';
import { startWorker } from './start-worker.ts';
import type { FailureReason, LoadedVersion, VersionKey } from './worker-engine.ts';
import type { EventPhase, WorkerEvent } from './worker-event.ts';
import { describe, WorkerInstance, type InstanceOwner } from './worker-instance.ts';
import type { WorkerLoad } from './worker-load.ts';

/** One worker may fill a quarter of the queue, so that it cannot lock out its neighbours. */
const queuedPerWorker = platformLimits.queuedEvents.tenant / 4;

/**
 * The isolate is given events ahead, which it runs one after the other: up to the concurrency
 * limit, or up to so many once this many events in a row needed nothing but computing. (In flight
 * 10: 45 000 requests/s, 32: 57 000 on the same machine.)
 */
const quickAnswers = 200;
const eventsAhead = 32;

/** One worker version with one environment revision: its isolate, if there is one, and who waits for it. */
export class VersionSlot implements InstanceOwner {
  readonly key: VersionKey;
  readonly #pool: EnginePool;
  readonly #load: WorkerLoad;
  readonly #queue: WorkerEvent[] = [];
  #instance: WorkerInstance | undefined;
  #isLoading = false;
  #isRetired = false;
  /** Events in a row that were answered without waiting for anything. */
  #quickAnswers = 0;
  #startDeadline = Number.POSITIVE_INFINITY;
  #failure: { readonly reason: FailureReason; readonly until: number } | undefined;

  constructor(key: VersionKey, pool: EnginePool, load: WorkerLoad) {
    this.key = key;
    this.#pool = pool;
    this.#load = load;
  }

  get instance(): WorkerInstance | undefined {
    return this.#instance;
  }

  /** No event runs or waits: the isolate, if any, can be disposed. */
  get isIdle(): boolean {
    return !this.#isLoading && this.#queue.length === 0 && (this.#instance?.eventCount ?? 0) === 0;
  }

  dispatch(event: WorkerEvent): void {
    const instance = this.#instance;
    if (instance?.isStarted === true && this.#queue.length === 0 && this.#canBegin(instance)) {
      this.#begin(instance, event);
      return;
    }
    const refusal = this.#refusal(event, instance);
    if (refusal !== undefined) {
      event.terminate(refusal);
      return;
    }
    this.#queue.push(event);
    this.#load.queued += 1;
    this.#pool.queuedEvents += 1;
    if (instance === undefined && !this.#isLoading) this.#start();
  }

  /** Takes no new events; goes away with the last running one. */
  retire(): void {
    this.#isRetired = true;
    this.#disposeIfRetired();
  }

  dispose(): void {
    this.#instance?.kill('Retired', undefined);
    this.#failQueue('Retired');
  }

  /** Something here ends with time, though no event may be running. */
  get needsSweep(): boolean {
    const instance = this.#instance;
    if (instance?.isUsedSinceMeasured === true || this.#failure !== undefined) return true;
    return instance?.isStarted === true && !instance.isCompacted;
  }

  /** Ends what has taken too long. */
  sweep(now: number, elapsedMs: number): void {
    for (const event of this.#queue) if (now > event.deadline) event.terminate('WallClockTimeout');
    if (this.#failure !== undefined && now >= this.#failure.until) {
      this.#failure = undefined;
      this.#forgetIfEmpty();
    }
    const instance = this.#instance;
    if (instance === undefined) return;
    if (now > this.#startDeadline) {
      this.startFailed(new Error('The top-level await of the module took too long'));
      return;
    }
    for (const event of instance.events) {
      if (now > event.deadline) event.expire();
      event.sweep(elapsedMs);
    }
  }

  /** Ends what could go on for ever. */
  drain(): void {
    for (const event of this.#instance?.events ?? []) event.drain();
  }

  // InstanceOwner

  phaseChanged(before: EventPhase, after: EventPhase): void {
    if (after === 'streaming') this.#load.openStreams += 1;
    else if (before === 'streaming') this.#load.openStreams -= 1;
    if (before !== 'answering') return;
    this.#load.answering -= 1;
    this.#quickAnswers += 1;
    this.#pump();
  }

  eventWaits(): void {
    this.#quickAnswers = 0;
  }

  eventRemoved(): void {
    this.#pool.activeEvents -= 1;
    this.#disposeIfRetired();
  }

  idle(): void {
    // Every event in there waits for something, and none of them makes room by computing.
    const instance = this.#instance;
    if (this.#queue.length > 0 && instance?.isStarted === true && !this.#canBegin(instance)) {
      this.#failQueue('Busy');
    }
  }

  evaluated(): void {
    const instance = this.#instance;
    if (instance === undefined) return;
    this.#startDeadline = Number.POSITIVE_INFINITY;
    instance.register();
    this.#pump();
  }

  startFailed(error: unknown): void {
    const instance = this.#instance;
    if (instance === undefined || instance.isStarted) return;
    const { line, stack } = describe(error);
    instance.log(undefined, 'error', `The worker could not be started: ${line}`, stack);
    this.#endStart('Exception');
    instance.kill('Exception', undefined);
  }

  ended(reason: TerminationReason): void {
    const instance = this.#instance;
    this.#instance = undefined;
    if (instance === undefined) return;
    if (!instance.isStarted && reason !== 'Retired') this.#endStart(reason);
    if (this.#queue.length > 0) this.#start();
    else this.#forgetIfEmpty();
  }

  #refusal(event: WorkerEvent, instance: WorkerInstance | undefined): FailureReason | undefined {
    if (this.#failure !== undefined) {
      if (event.dispatchedAt < this.#failure.until) return this.#failure.reason;
      this.#failure = undefined;
    }
    if (this.#pool.queuedEvents >= platformLimits.queuedEvents.tenant) return 'Overloaded';
    if (this.#load.queued >= queuedPerWorker) return 'Busy';
    // Not busy with computing: nothing says that there will be room soon.
    if (instance?.isStarted === true && instance.runner.isIdle) return 'Busy';
    return undefined;
  }

  #canBegin(instance: WorkerInstance): boolean {
    const { concurrency, openStreams } = instance.limits;
    const isQuick = this.#quickAnswers > quickAnswers;
    return (
      !instance.isDead &&
      this.#load.answering < (isQuick ? Math.max(concurrency, eventsAhead) : concurrency) &&
      this.#load.openStreams < openStreams
    );
  }

  #begin(instance: WorkerInstance, event: WorkerEvent): void {
    this.#load.answering += 1;
    this.#pool.activeEvents += 1;
    instance.begin(event);
  }

  #pump(): void {
    const instance = this.#instance;
    while (this.#queue.length > 0 && instance?.isStarted === true && this.#canBegin(instance)) {
      const event = this.#takeQueued();
      if (event?.phase === 'queued') this.#begin(instance, event);
    }
  }

  #takeQueued(): WorkerEvent | undefined {
    this.#load.queued -= 1;
    this.#pool.queuedEvents -= 1;
    return this.#queue.shift();
  }

  #failQueue(reason: FailureReason): void {
    while (this.#queue.length > 0) this.#takeQueued()?.terminate(reason);
  }

  #endStart(reason: TerminationReason): void {
    this.#startDeadline = Number.POSITIVE_INFINITY;
    this.#failure = { reason, until: performance.now() + startRetryMs };
    this.#failQueue(reason);
  }

  #disposeIfRetired(): void {
    if (!this.#isRetired || !this.isIdle) return;
    if (this.#instance === undefined) this.#forgetIfEmpty();
    else this.#instance.kill('Retired', undefined);
  }

  #forgetIfEmpty(): void {
    if (this.#instance === undefined && this.isIdle && this.#failure === undefined) {
      this.#pool.forget(this);
    }
  }

  #start(): void {
    this.#isLoading = true;
    for (const event of this.#queue) event.isCold = true;
    void this.#loadAndStart().finally(() => {
      this.#isLoading = false;
      this.#disposeIfRetired();
    });
  }

  async #loadAndStart(): Promise<void> {
    const version = await this.#fetchVersion();
    if (version === undefined) return;
    const isolate = await this.#pool.takeIsolate(version.limits.memoryBytes);
    if (isolate === undefined) {
      this.#failQueue('Overloaded');
      return;
    }
    const { engineEvents, watchdog, gate, batch, jobs, crypto, codeCache, socketMemory } =
      this.#pool;
    const instance = new WorkerInstance({
      version,
      isolate,
      owner: this,
      engineEvents,
      channels: this.#pool.channels,
      watchdog,
      gate,
      batch,
      jobs,
      socketMemory,
      crypto,
    });
    this.#instance = instance;
    this.#startDeadline = performance.now() + startWallMs;
    try {
      await startWorker({ instance, isolate, version, codeCache });
    } catch (error) {
      if (instance.isDead) return;
      if (isolate.isDisposed) instance.kill('MemoryLimit', undefined);
      else this.startFailed(error);
    }
  }

  async #fetchVersion(): Promise<LoadedVersion | undefined> {
    try {
      return await this.#pool.loadVersion(this.key);
    } catch {
      // The loader logs its own failures; the events only learn that the code cannot be had now.
      this.#failQueue('unavailable');
      return undefined;
    }
  }
}

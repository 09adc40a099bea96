import type { Logger } from '@openworkers/core';
import type { ChannelOpener } from './channels/channel-opener.ts';
import { largeIsolateBytes, measureMs, newIsolateBytes, sweepMs } from './engine-limits.ts';
import { CryptoDesk } from './crypto/crypto-desk.ts';
import { HostJobs } from './host-jobs.ts';
import type { CodeCache } from './isolate/code-cache.ts';
import type { SpareIsolates } from './isolate/spare-isolates.ts';
import type { WorkerIsolate } from './isolate/worker-isolate.ts';
import type { MemoryRelief } from './memory-guard.ts';
import { MainThreadWork } from './main-thread-work.ts';
import type { ThreadGate } from './thread-gate.ts';
import { SliceBatch } from './slice-batch.ts';
import { VersionSlot } from './version-slot.ts';
import type { Watchdog } from './watchdog.ts';
import { SocketMemory } from '../websocket/socket-memory.ts';
import type { EngineEvents, LoadVersion, VersionKey } from './worker-engine.ts';
import type { WorkerEvent } from './worker-event.ts';
import type { WorkerInstance } from './worker-instance.ts';
import { WorkerLoad } from './worker-load.ts';

export interface EnginePoolOptions {
  readonly loadVersion: LoadVersion;
  readonly engineEvents: EngineEvents;
  readonly channels: ChannelOpener;
  readonly watchdog: Watchdog;
  readonly gate: ThreadGate;
  readonly spares: SpareIsolates;
  readonly codeCache: CodeCache;
  readonly memoryBudgetBytes: number;
  readonly log: Logger | undefined;
}

interface WorkerSlots {
  readonly load: WorkerLoad;
  readonly slots: VersionSlot[];
}

/** All isolates of this process, by worker version and environment revision. */
export class EnginePool implements MemoryRelief {
  /** Events that wait for an isolate or for their turn, in all slots. */
  queuedEvents = 0;
  /** Events in isolates. */
  activeEvents = 0;
  readonly loadVersion: LoadVersion;
  readonly engineEvents: EngineEvents;
  readonly channels: ChannelOpener;
  readonly watchdog: Watchdog;
  readonly gate: ThreadGate;
  /** Calls into isolates that leave together. */
  readonly batch = new SliceBatch();
  /** Work outside of the isolates. */
  readonly jobs: HostJobs;
  readonly crypto = new CryptoDesk(new MainThreadWork());
  readonly codeCache: CodeCache;
  readonly socketMemory = new SocketMemory();
  readonly #options: EnginePoolOptions;
  readonly #workers = new Map<string, WorkerSlots>();
  readonly #retiring = new Set<VersionSlot>();
  #sweepTimer: NodeJS.Timeout | undefined;

  constructor(options: EnginePoolOptions) {
    this.#options = options;
    this.loadVersion = options.loadVersion;
    this.engineEvents = options.engineEvents;
    this.channels = options.channels;
    this.watchdog = options.watchdog;
    this.gate = options.gate;
    this.jobs = new HostJobs(options.watchdog);
    this.codeCache = options.codeCache;
  }

  dispatch(key: VersionKey, event: WorkerEvent): void {
    this.#slotFor(key).dispatch(event);
    if (this.#sweepTimer === undefined && this.activeEvents + this.queuedEvents > 0) {
      this.#sweepTimer = setInterval(() => this.#sweep(), sweepMs);
      this.#sweepTimer.unref();
    }
  }

  retire(matches: (key: VersionKey) => boolean): void {
    for (const slot of Array.from(this.#slots())) {
      if (!matches(slot.key) || this.#retiring.has(slot)) continue;
      this.#detach(slot);
      this.#retiring.add(slot);
      slot.retire();
    }
  }

  /** Ends the WebSockets that are open. */
  drain(): void {
    for (const slot of this.#slots()) slot.drain();
  }

  /** Called when a slot has neither isolate nor events nor anything to remember. */
  forget(slot: VersionSlot): void {
    if (!this.#retiring.delete(slot)) this.#detach(slot);
  }

  /** An isolate within the memory budget; undefined when everything in memory is in use. */
  async takeIsolate(memoryLimitBytes: number): Promise<WorkerIsolate | undefined> {
    if (!this.#makeRoom(newIsolateBytes)) return undefined;
    try {
      return await this.#options.spares.take(memoryLimitBytes);
    } catch (error) {
      this.#options.log?.error({ err: error }, 'isolate could not be booted');
      return undefined;
    }
  }

  // MemoryRelief

  evictIdle(bytes: number): void {
    this.#disposeIdle(bytes);
    for (const { instance } of this.#slots()) {
      if (instance?.isStarted === true && instance.isUsedSinceMeasured) void instance.measure();
    }
  }

  evictLargest(): boolean {
    let largest: VersionSlot | undefined;
    for (const slot of this.#slots()) {
      if (memoryOf(slot) > Math.max(largeIsolateBytes, memoryOf(largest))) largest = slot;
    }
    largest?.dispose();
    return largest !== undefined;
  }

  overgrown(): void {
    this.engineEvents.overgrown();
  }

  dispose(): void {
    clearInterval(this.#sweepTimer);
    for (const slot of Array.from(this.#slots())) slot.dispose();
  }

  *#slots(): Iterable<VersionSlot> {
    for (const worker of this.#workers.values()) yield* worker.slots;
    yield* this.#retiring;
  }

  #slotFor(key: VersionKey): VersionSlot {
    let worker = this.#workers.get(key.workerId);
    if (worker === undefined) {
      worker = { load: new WorkerLoad(), slots: [] };
      this.#workers.set(key.workerId, worker);
    }
    for (const slot of worker.slots) if (isSameKey(slot.key, key)) return slot;
    const slot = new VersionSlot(key, this, worker.load);
    worker.slots.push(slot);
    return slot;
  }

  #detach(slot: VersionSlot): void {
    const worker = this.#workers.get(slot.key.workerId);
    const index = worker?.slots.indexOf(slot) ?? -1;
    if (worker === undefined || index < 0) return;
    worker.slots.splice(index, 1);
    // While an old version still runs, its events count towards the worker's limits.
    if (worker.slots.length === 0 && worker.load.isZero) this.#workers.delete(slot.key.workerId);
  }

  /** Makes so many bytes fit into the budget, if disposing idle isolates can do it. */
  #makeRoom(bytes: number): boolean {
    let used = bytes;
    for (const slot of this.#slots()) used += memoryOf(slot);
    const excess = used - this.#options.memoryBudgetBytes;
    return excess <= 0 || this.#disposeIdle(excess) >= excess;
  }

  /** Disposes idle isolates of so many bytes, least recently used first; answers how many it got. */
  #disposeIdle(bytes: number): number {
    const idle = [...this.#slots()].filter((slot) => slot.instance?.isStarted && slot.isIdle);
    idle.sort((one, other) => lastUse(one) - lastUse(other));
    let freed = 0;
    for (const slot of idle) {
      if (freed >= bytes) break;
      freed += memoryOf(slot);
      slot.dispose();
    }
    return freed;
  }

  #sweep(): void {
    const now = performance.now();
    let compactable: WorkerInstance | undefined;
    for (const slot of Array.from(this.#slots())) {
      slot.sweep(now, sweepMs);
      const { instance } = slot;
      if (instance?.isCompactable(now) === true) compactable ??= instance;
      if (instance === undefined || !instance.isUsedSinceMeasured || !instance.isStarted) continue;
      if (now - instance.measuredAt > measureMs && instance.runner.isIdle) void instance.measure();
    }
    // One at a time: nobody is in a hurry for it.
    compactable?.compact();
    if (this.activeEvents + this.queuedEvents > 0) return;
    for (const slot of this.#slots()) if (slot.needsSweep) return;
    clearInterval(this.#sweepTimer);
    this.#sweepTimer = undefined;
  }
}

function isSameKey(one: VersionKey, other: VersionKey): boolean {
  return (
    one.version === other.version &&
    one.environmentRevision === other.environmentRevision &&
    one.environmentId === other.environmentId &&
    one.workerId === other.workerId
  );
}

function memoryOf(slot: VersionSlot | undefined): number {
  return slot?.instance?.memoryBytes ?? 0;
}

function lastUse(slot: VersionSlot): number {
  return slot.instance?.lastUsedAt ?? 0;
}

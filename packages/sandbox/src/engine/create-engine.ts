import type { Logger } from '@openworkers/core';
import { defaultTenantLimits } from '@openworkers/core/limits';
import type { ChannelOpener } from './channels/channel-opener.ts';
import { createGarbageCollector } from './collect-garbage.ts';
import { codeCacheBytes, runningIsolates } from './engine-limits.ts';
import { EnginePool } from './engine-pool.ts';
import { CodeCache } from './isolate/code-cache.ts';
import { IvmIsolateFactory } from './isolate/ivm-isolate-factory.ts';
import { SpareIsolates } from './isolate/spare-isolates.ts';
import { MemoryGuard } from './memory-guard.ts';
import { prepareV8 } from './prepare-v8.ts';
import type { SliceRunner } from './slice-runner.ts';
import { ThreadGate } from './thread-gate.ts';
import { Watchdog } from './watchdog.ts';
import type {
  EngineEvents,
  IncomingFetch,
  LoadVersion,
  ResponseTarget,
  RunningEvent,
  VersionKey,
  WorkerEngine,
} from './worker-engine.ts';
import { WorkerEvent } from './worker-event.ts';

export interface WorkerEngineOptions {
  /** The bundled runtime; evaluates to `BootIsolate`. */
  readonly runtimeScript: string;
  readonly loadVersion: LoadVersion;
  readonly events: EngineEvents;
  /** Leads the channels of isolates further: to other workers and to the network. */
  readonly channels: ChannelOpener;
  /** For all isolates together; idle ones are evicted least recently used, running ones killed biggest first. */
  readonly memoryBudgetBytes: number;
  /** Booted isolates kept in waiting, so that a cold start only evaluates the worker's own code. */
  readonly spareIsolates: number;
  readonly log?: Logger;
}

/** The engine on isolated-vm. The process must run with the flags of `engine-process.ts`. */
export function createWorkerEngine(options: WorkerEngineOptions): WorkerEngine {
  return new IsolateEngine(options);
}

class IsolateEngine implements WorkerEngine {
  readonly #pool: EnginePool;
  readonly #spares: SpareIsolates;
  readonly #watchdog: Watchdog;
  readonly #defaultWallMs: number;
  #lastEventId = 0;

  constructor(options: WorkerEngineOptions) {
    const { events, log } = options;
    const limits = defaultTenantLimits();
    this.#defaultWallMs = limits.wallMs;
    prepareV8();
    this.#watchdog = new Watchdog({
      memory: new MemoryGuard({
        budgetBytes: options.memoryBudgetBytes,
        collectGarbage: createGarbageCollector(),
        relief: () => this.#pool,
      }),
      onRunning: (runners) => events.running(runners.map(handleOf)),
    });
    this.#spares = new SpareIsolates({
      factory: new IvmIsolateFactory(options.runtimeScript),
      count: options.spareIsolates,
      memoryLimitBytes: limits.memoryBytes,
      onError: (error) => log?.error({ err: error }, 'spare isolate could not be booted'),
    });
    this.#pool = new EnginePool({
      loadVersion: options.loadVersion,
      engineEvents: events,
      channels: options.channels,
      watchdog: this.#watchdog,
      gate: new ThreadGate(runningIsolates),
      spares: this.#spares,
      codeCache: new CodeCache(codeCacheBytes),
      memoryBudgetBytes: options.memoryBudgetBytes,
      log,
    });
  }

  get activeEvents(): number {
    return this.#pool.activeEvents + this.#pool.queuedEvents;
  }

  dispatchFetch(version: VersionKey, request: IncomingFetch, target: ResponseTarget): RunningEvent {
    this.#lastEventId += 1;
    const now = performance.now();
    const event = new WorkerEvent({
      id: this.#lastEventId,
      request,
      target,
      now,
      // Until the worker's own limits are known.
      deadline: now + this.#defaultWallMs,
    });
    this.#pool.dispatch(version, event);
    return event;
  }

  retireWorker(workerId: string): void {
    this.#pool.retire((key) => key.workerId === workerId);
  }

  retireEnvironment(environmentId: string): void {
    this.#pool.retire((key) => key.environmentId === environmentId);
  }

  drain(): void {
    this.#pool.drain();
  }

  dispose(): void {
    this.#pool.dispose();
    this.#spares.dispose();
    this.#watchdog.stop();
  }
}

function handleOf(runner: SliceRunner): string {
  return runner.listener.handle;
}

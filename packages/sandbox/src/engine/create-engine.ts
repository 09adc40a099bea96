import type { Logger } from '@openworkers/core';
import type { EngineEvents, LoadVersion, WorkerEngine } from './worker-engine.ts';

export interface WorkerEngineOptions {
  /** The bundled runtime; evaluates to `BootIsolate`. */
  readonly runtimeScript: string;
  readonly loadVersion: LoadVersion;
  readonly events: EngineEvents;
  /** For all isolates together; idle ones are evicted least recently used, running ones killed biggest first. */
  readonly memoryBudgetBytes: number;
  /** Booted isolates kept in waiting, so that a cold start only evaluates the worker's own code. */
  readonly spareIsolates: number;
  readonly log?: Logger;
}

/** The engine on isolated-vm. The process must run with `--no-node-snapshot`. */
export function createWorkerEngine(_options: WorkerEngineOptions): WorkerEngine {
  throw new Error('not written yet');
}

import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { WorkerLimits } from '@openworkers/core/limits';
import { defaultTenantLimits } from '@openworkers/core/limits';
import { flattenHeaders, runtimeBundleFormat } from '@openworkers/runtime';
import { buildSync } from 'esbuild';
import type { ChannelOpener } from '../channels/channel-opener.ts';
import { createWorkerEngine } from '../create-engine.ts';
import { TestChannels } from './test-channels.ts';
import { streamedBody } from '../worker-engine.ts';
import type {
  EventOutcome,
  FailureReason,
  RequestBodySource,
  RunningEvent,
  VersionKey,
  WorkerEngine,
  WorkerLogRecord,
} from '../worker-engine.ts';

/** The runtime as the sandbox gets it, from source. */
export function bundleTestRuntime(): string {
  const { outputFiles } = buildSync({
    ...runtimeBundleFormat,
    entryPoints: [fileURLToPath(import.meta.resolve('@openworkers/runtime/isolate'))],
    bundle: true,
    write: false,
    target: 'esnext',
    platform: 'neutral',
    minify: true,
  });
  return outputFiles[0]?.text ?? '';
}

/** What became of one request. */
export interface TestAnswer {
  readonly status: number | undefined;
  readonly headers: string;
  readonly body: string;
  readonly isComplete: boolean;
  readonly failure: FailureReason | undefined;
  readonly outcome: EventOutcome;
}

export interface TestRequest {
  readonly requestId?: string;
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly body?: RequestBodySource;
  /** Told each piece of a streamed body instead of taking it at once. */
  readonly onChunk?: (bytes: number, event: RunningEvent) => void;
  /** What a WebSocket gets to speak over; without it the request does not ask for one. */
  readonly connection?: () => Duplex;
  /** The same, with the bytes themselves. */
  readonly onBytes?: (bytes: ArrayBuffer | Uint8Array, event: RunningEvent) => void;
  readonly onHead?: (event: RunningEvent) => void;
}

export interface TestEngineOptions {
  readonly runtimeScript: string;
  /** Module source by worker id. */
  readonly workers: Record<string, string>;
  readonly limits?: Partial<WorkerLimits>;
  readonly memoryBudgetBytes?: number;
  readonly spareIsolates?: number;
  /** Where channels lead, instead of `TestEngine.channels`. */
  readonly openers?: ChannelOpener;
}

/** An engine with workers in it, and what it said. */
export class TestEngine {
  readonly engine: WorkerEngine;
  readonly channels = new TestChannels();
  readonly logs: WorkerLogRecord[] = [];
  readonly unstoppable: string[] = [];
  readonly running: (readonly string[])[] = [];
  overgrown = 0;
  readonly workers: Record<string, string>;
  limits: WorkerLimits;
  loads = 0;

  constructor(options: TestEngineOptions) {
    this.workers = options.workers;
    this.limits = { ...defaultTenantLimits(), ...options.limits };
    this.engine = createWorkerEngine({
      runtimeScript: options.runtimeScript,
      spareIsolates: options.spareIsolates ?? 0,
      memoryBudgetBytes: options.memoryBudgetBytes ?? 1024 * 1024 * 1024,
      loadVersion: async (key) => this.#load(key),
      channels: options.openers ?? this.channels,
      events: {
        log: (record) => void this.logs.push(record),
        running: (handles) => void this.running.push(handles),
        unstoppable: (handle) => void this.unstoppable.push(handle),
        overgrown: () => void (this.overgrown += 1),
      },
    });
  }

  keyOf(workerId: string): VersionKey {
    return { workerId, version: 1, environmentId: 'env', environmentRevision: 1 };
  }

  fetch(
    workerId: string,
    request: TestRequest = {},
  ): Promise<TestAnswer> & { event: RunningEvent } {
    const { promise, resolve } = Promise.withResolvers<TestAnswer>();
    const seen = { status: undefined as number | undefined, headers: '', body: '' };
    let isComplete = false;
    let failure: FailureReason | undefined;
    const decoder = new TextDecoder();
    const event: RunningEvent = this.engine.dispatchFetch(
      this.keyOf(workerId),
      {
        requestId: request.requestId ?? `request-${workerId}`,
        method: request.method ?? 'GET',
        url: request.url ?? `http://${workerId}.localhost/`,
        headers: flattenHeaders(Object.entries(request.headers ?? {})),
        body: request.body,
        depth: 0,
        isUpgrade: request.connection !== undefined,
      },
      {
        head: (status, headers, body) => {
          Object.assign(seen, { status, headers });
          if (body === streamedBody) request.onHead?.(event);
          else {
            isComplete = true;
            seen.body =
              typeof body === 'string' ? body : decoder.decode(body ?? new ArrayBuffer(0));
          }
        },
        chunk: (bytes) => {
          if (request.onBytes !== undefined) request.onBytes(bytes, event);
          else if (request.onChunk !== undefined) request.onChunk(bytes.byteLength, event);
          else {
            seen.body += decoder.decode(bytes, { stream: true });
            queueMicrotask(() => event.credit(bytes.byteLength));
          }
        },
        end: () => {
          isComplete = true;
        },
        upgrade: () => request.connection?.(),
        abort: () => {},
        fail: (reason) => {
          failure = reason;
        },
        done: (outcome) => resolve({ ...seen, isComplete, failure, outcome }),
      },
    );
    return Object.assign(promise, { event });
  }

  dispose(): void {
    this.engine.dispose();
  }

  #load(key: VersionKey) {
    this.loads += 1;
    const code = this.workers[key.workerId];
    if (code === undefined) throw new Error(`no worker ${key.workerId}`);
    return {
      handle: `${key.workerId}#${this.loads}`,
      key,
      workerName: key.workerId,
      code,
      env: [{ key: 'GREETING', kind: 'text' as const, value: 'hello' }],
      limits: this.limits,
    };
  }
}

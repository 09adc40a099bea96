import type {
  EventOutcome,
  IncomingFetch,
  ResponseTarget,
  RunningEvent,
  VersionKey,
  WorkerEngine,
} from '../engine/worker-engine.ts';

/** What a worker is here: a function of this process. The answer hears of the client afterwards. */
export type FixtureWorker = (
  request: IncomingFetch,
  target: ResponseTarget,
) => Partial<RunningEvent> | void;

export const fixtureOutcome: EventOutcome = {
  handle: 'handle',
  outcome: 'ok',
  cpuMs: 1,
  wallMs: 2,
  isCold: false,
  memoryBytes: 3,
};

/** An engine without isolates, for tests of what is around one. */
export class FixtureEngine implements WorkerEngine {
  readonly workers = new Map<string, FixtureWorker>();
  readonly dispatched: VersionKey[] = [];
  readonly retired: string[] = [];
  activeEvents = 0;
  isDraining = false;

  dispatchFetch(key: VersionKey, request: IncomingFetch, target: ResponseTarget): RunningEvent {
    this.dispatched.push(key);
    this.activeEvents += 1;
    const running = this.workers.get(key.workerId)?.(request, this.#counted(target)) ?? {};
    return {
      disconnect: () => running.disconnect?.(),
      credit: (bytes) => running.credit?.(bytes),
    };
  }

  retireWorker(workerId: string): void {
    this.retired.push(workerId);
  }

  retireEnvironment(environmentId: string): void {
    this.retired.push(environmentId);
  }

  drain(): void {
    this.isDraining = true;
  }

  dispose(): void {
    this.workers.clear();
  }

  #counted(target: ResponseTarget): ResponseTarget {
    return {
      head: (status, headers, body) => target.head(status, headers, body),
      chunk: (bytes) => target.chunk(bytes),
      end: () => target.end(),
      upgrade: (headers) => target.upgrade(headers),
      abort: () => target.abort(),
      fail: (reason) => target.fail(reason),
      done: (outcome) => {
        this.activeEvents -= 1;
        target.done(outcome);
      },
    };
  }
}

/** A worker that answers at once. */
export function answering(
  make: (request: IncomingFetch) => { status?: number; headers?: string; body: string | null },
): FixtureWorker {
  return (request, target) => {
    const { status = 200, headers = 'content-type\ntext/plain', body } = make(request);
    target.head(status, headers, body);
    target.done(fixtureOutcome);
  };
}

/** Reads a request body to its end, so many bytes at a time. */
export function readBody(
  request: IncomingFetch,
  options: {
    bytesAtOnce?: number;
    onEnd: (body: Buffer) => void;
    onError?: (reason: string) => void;
  },
): void {
  const pieces: Uint8Array[] = [];
  const { body } = request;
  const bytesAtOnce = options.bytesAtOnce ?? 64 * 1024;
  if (body === undefined) {
    options.onEnd(Buffer.alloc(0));
    return;
  }
  let asked = bytesAtOnce;
  body.start({
    chunk: (bytes) => {
      asked -= bytes.length;
      if (asked < 0) throw new Error('more bytes than were asked for');
      pieces.push(bytes);
      if (asked > 0) return;
      asked = bytesAtOnce;
      setImmediate(() => body.pull(bytesAtOnce));
    },
    end: () => options.onEnd(Buffer.concat(pieces)),
    error: (reason) => options.onError?.(reason),
  });
  body.pull(bytesAtOnce);
}

import type { Duplex } from 'node:stream';
import type { TerminationReason, WorkerLimits } from '@openworkers/core';
import type { EnvDescriptor } from '@openworkers/runtime';

/**
 * The seam between HTTP (or the pipe) and the isolates: `http/` and `protocol/` know requests and
 * connections, `engine/` knows isolates, and this page is all they know of each other. Another
 * engine (one workerd process per tenant, say) would implement {@link WorkerEngine}.
 */
export interface WorkerEngine {
  /**
   * Runs one request on the worker version. Never throws: whatever goes wrong reaches `target`.
   * Cold or warm, at once or queued, is the engine's business.
   */
  dispatchFetch(version: VersionKey, request: IncomingFetch, target: ResponseTarget): RunningEvent;
  /** New requests no longer use these isolates; running events finish, then they are disposed. */
  retireWorker(workerId: string): void;
  retireEnvironment(environmentId: string): void;
  /** Closes the open WebSockets with 1012, so that their clients connect again, elsewhere. */
  drain(): void;
  /** Events in progress, for draining. */
  readonly activeEvents: number;
  /** Stops everything at once. */
  dispose(): void;
}

/** What one isolate runs: a worker version with one revision of its environment. */
export interface VersionKey {
  readonly workerId: string;
  readonly version: number;
  readonly environmentId: string | undefined;
  readonly environmentRevision: number;
}

/** Answer of the runner: all an isolate needs, and no credential. */
export interface LoadedVersion {
  /** Unguessable, made by the runner for this one isolate instance; the runner answers only for it. */
  readonly handle: string;
  readonly key: VersionKey;
  readonly workerName: string;
  /** One bundled ES module. */
  readonly code: string;
  readonly env: readonly EnvDescriptor[];
  readonly limits: WorkerLimits;
}

/** Rejects when the runner cannot answer; the events that waited for it `fail` as `unavailable`. */
export type LoadVersion = (key: VersionKey) => Promise<LoadedVersion>;

export interface IncomingFetch {
  readonly requestId: string;
  readonly method: string;
  readonly url: string;
  /** See `flattenHeaders` in `@openworkers/runtime`. */
  readonly headers: string;
  /** Undefined when the request has no body. */
  readonly body: RequestBodySource | undefined;
  /** The client asks for a WebSocket, and can get one. */
  readonly isUpgrade?: boolean;
  /** How many workers called each other to get here; 0 from a client. */
  readonly depth: number;
}

/** A request body that is read only as fast as the worker asks for it. */
export interface RequestBodySource {
  /** Called once before the first `pull`. */
  start(sink: RequestBodySink): void;
  /** The worker can take up to this many bytes more; adds up over calls. */
  pull(bytes: number): void;
  /** The worker does not want the rest. */
  cancel(): void;
}

export interface RequestBodySink {
  /** Takes ownership of the bytes, which may be a view of a larger buffer shared with others. */
  chunk(bytes: Uint8Array): void;
  end(): void;
  /** `too_large`: over `requestBodyBytes`, answered 413 if no response head was sent yet. */
  error(reason: 'aborted' | 'timeout' | 'too_large'): void;
}

/** Stands for a body that follows in pieces; no text a worker sends can be mistaken for it. */
export const streamedBody = Symbol('streamed body');

export type ResponseBody = string | ArrayBuffer | null | typeof streamedBody;

/** Where the response goes: an HTTP response, or a stream of the pipe. */
export interface ResponseTarget {
  /**
   * The response head; called at most once, and never after `fail`. `body` is the whole body, or
   * {@link streamedBody} when `chunk` and `end` follow.
   */
  head(status: number, headers: string, body: ResponseBody): void;
  /** Queues bytes; the engine stops sending at its window and goes on when `RunningEvent.credit` is called. */
  chunk(bytes: ArrayBuffer | Uint8Array): void;
  end(): void;
  /**
   * Instead of `head`, to an upgrade request: switches to the WebSocket protocol and answers the
   * connection, which then belongs to the caller. Undefined when that is not possible any more.
   */
  upgrade(headers: string): Duplex | undefined;
  /** Cuts a response whose head was already sent, so that the client sees it is incomplete. */
  abort(): void;
  /** No response head came; the platform answers instead. */
  fail(reason: FailureReason): void;
  /** Everything about the event is over (after `end`, `abort` or `fail`, and `waitUntil`). */
  done(outcome: EventOutcome): void;
}

/** `unavailable`: the code could not be loaded just now. */
export type FailureReason = TerminationReason | 'body_too_large' | 'unavailable';

/** What the target's side may tell the engine while the event runs. */
export interface RunningEvent {
  /** The client has gone. */
  disconnect(): void;
  /** The client has taken so many bytes of the streamed body. */
  credit(bytes: number): void;
}

/** Facts for the invocation record; times as the watchdog estimates them. */
export interface EventOutcome {
  /** Of the isolate instance that ran it; undefined when none ever did. */
  readonly handle: string | undefined;
  readonly outcome: 'ok' | TerminationReason;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly isCold: boolean;
  /** Heap and buffers of the isolate when last seen. */
  readonly memoryBytes: number;
}

/** What the engine reports beside responses; the pipe carries it to the runner. */
export interface EngineEvents {
  /** A console line or an exception of the worker, in order per event. */
  log(record: WorkerLogRecord): void;
  /** These instances have been running for longer than a tick: the suspects if the process dies now. */
  running(handles: readonly string[]): void;
  /** A script cannot be stopped: this process must be drained and replaced. */
  unstoppable(handle: string): void;
  /** This process has grown far beyond its isolates: it must be drained and replaced. */
  overgrown(): void;
}

export interface WorkerLogRecord {
  readonly handle: string;
  readonly requestId: string | undefined;
  readonly timeMs: number;
  readonly level: 'error' | 'warn' | 'info' | 'log' | 'debug' | 'trace';
  readonly message: string;
  /** Unmapped stack of an exception; the runner maps it to the worker's sources. */
  readonly stack?: string;
}

import type { ErrorCode, WorkerLimits } from '@openworkers/core';
import type { ChannelKind, EnvDescriptor } from '@openworkers/runtime';
import type {
  EventOutcome,
  FailureReason,
  VersionKey,
  WorkerLogRecord,
} from '../engine/worker-engine.ts';

/**
 * Everything the runner and a sandbox say to each other over the private pipe. A frame is
 * `u32 payload length | u8 type | u32 id | payload`, little endian; `id` pairs an answer with its
 * question, or names a stream (odd when the sandbox opened it, even when the runner did). Payloads
 * are JSON unless a comment says bytes. A sandbox may send at
 * most 1 MiB in one frame, the runner 16 MiB; a longer one is a protocol error and ends the peer.
 *
 * Sockets travel beside it, over Node's IPC channel: {@link SocketMessage} with the handle.
 */
export const frameTypes = {
  // runner → sandbox
  /** {@link BootMessage}, then a zero byte, then the runtime script as UTF-8. The first frame. */
  boot: 1,
  /** {@link RouteAnswer}. */
  route: 2,
  /** {@link VersionAnswer}, then a zero byte, then the code as UTF-8. */
  version: 3,
  /** {@link Refusal}; the answer to `askRoute` or `askVersion` that could not be answered. */
  refusal: 4,
  /** {@link Invalidation}. */
  invalidate: 5,
  /** {@link ForwardedHead}: run this request here; the id is the runner's stream number. */
  incoming: 6,
  /**
   * No payload: finish what runs, take nothing new, then send `drained`. Idle connections, those
   * that become idle and those that still arrive over IPC are given back: stop reading, close the
   * descriptor without shutting the connection down, and report it `released`.
   */
  drain: 7,
  /** No payload: are you alive? Answered with `alive`. */
  ping: 8,
  // sandbox → runner
  ready: 20,
  /** Bytes: repeated `u32 socket id | u8 state` ({@link connectionStates}); sent before the requests run. */
  connections: 21,
  /** {@link RouteQuestion}. */
  askRoute: 22,
  /** {@link VersionKey}. */
  askVersion: 23,
  /** {@link SandboxRecord} array. */
  records: 24,
  /** string[] of instance handles: what has been running for longer than a tick. */
  running: 25,
  /** `{ handle }`: a script that cannot be stopped; the runner replaces this sandbox. */
  unstoppable: 26,
  /** {@link ForwardQuestion}: run this elsewhere; the id is the sandbox's stream number. */
  forward: 27,
  drained: 28,
  /** {@link ChannelQuestion}: a channel of an isolate that leads out; the id is the sandbox's stream number. */
  openChannel: 29,
  /** No payload: the process needs far more memory than its isolates have; the runner replaces it. */
  overgrown: 30,
  /** No payload; the answer to `ping`. */
  alive: 31,
  // both, about a forwarded request (`incoming` / `forward`)
  /** Bytes of a body; request body towards the worker, response body towards the client. */
  streamData: 40,
  streamEnd: 41,
  /** {@link StreamReset}: the body broke off, or nobody wants it any more. */
  streamReset: 42,
  /** `{ bytes }`: that many more may be sent. */
  streamCredit: 43,
  /** {@link ForwardedResponse}. */
  responseHead: 44,
  /** {@link ForwardedFailure}: the platform answers instead of the worker. */
  responseFail: 45,
  /** The client of a forwarded request has gone. */
  clientGone: 46,
  // both, about a channel (`openChannel`), beside `streamData`, `streamCredit` and `streamEnd`,
  // whose payload is then text
  /** Text: what there is to say beside the data. */
  channelMessage: 47,
  /** Text: data as a text message. */
  channelText: 48,
  /** Text: the channel is over in both directions. */
  channelError: 49,
} as const;

export interface SocketMessage {
  readonly socketId: number;
  /** See `HandoverHint`. */
  readonly mustSpeakWithinMs?: number;
}

export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

/**
 * `released` is said only while draining: nothing more is read from that connection here, so the
 * runner can hand it to another sandbox. (`idle` would not do: it may have been sent before the
 * sandbox saw `drain`, and a request may have been read since.)
 */
export const connectionStates = { idle: 0, busy: 1, closed: 2, released: 3 } as const;

/** `shared` serves all tenants; the others hold what must not run beside tenants. */
export type SandboxRole = 'shared' | 'quarantine' | 'system' | 'trial';

export interface BootMessage {
  readonly role: SandboxRole;
  readonly baseDomain: string;
  /** Host (without port) and scheme of the platform's own pages. */
  readonly platformHost: string;
  readonly publicScheme: 'http' | 'https';
  /** CIDRs whose `Forwarded`, `X-Forwarded-*` and `X-Real-IP` count. */
  readonly trustedProxies: readonly string[];
  /** Budget for all isolates together; idle ones are evicted least recently used. */
  readonly memoryBudgetBytes: number;
  /** Booted isolates kept in waiting. */
  readonly spareIsolates: number;
}

export type RouteQuestion =
  /** Lower case, without port. */
  | { readonly host: string }
  /** Which worker a key of `env` stands for, in the isolate with that handle. */
  | { readonly handle: string; readonly binding: string };

/** Where a host leads. */
export type RouteAnswer =
  | { readonly kind: 'platform' }
  | { readonly kind: 'none'; readonly code: ErrorCode; readonly message?: string }
  | WorkerRoute;

export interface WorkerRoute {
  readonly kind: 'worker';
  readonly workerId: string;
  readonly workerName: string;
  readonly tenantId: string;
  readonly environmentId: string | undefined;
  readonly environmentRevision: number;
  /** What serves, with percentages that add up to 100. */
  readonly serving: readonly { readonly version: number; readonly percent: number }[];
  readonly limits: WorkerLimits;
  /** Whether this sandbox runs it, or hands the request to the runner (`forward`). */
  readonly placement: 'here' | 'elsewhere';
}

export interface VersionAnswer {
  readonly handle: string;
  readonly key: VersionKey;
  readonly workerName: string;
  readonly env: readonly EnvDescriptor[];
  readonly limits: WorkerLimits;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** Drop what is cached about this; `all` after a lost connection to PostgreSQL. */
export type Invalidation =
  | { readonly worker: string }
  | { readonly host: string }
  | { readonly environment: string }
  | { readonly all: true };

/** A channel that an isolate wants to open to the world. */
export interface ChannelQuestion {
  readonly kind: ChannelKind;
  /** Of the isolate instance that asks. */
  readonly handle: string;
  readonly requestId: string;
  /** As the kind defines it. */
  readonly argument: string;
}

/** What a sandbox asks to be run elsewhere. It carries no limits: those are the runner's to say. */
export interface ForwardQuestion {
  readonly key: VersionKey;
  readonly requestId: string;
  readonly method: string;
  readonly url: string;
  /** See `flattenHeaders` in `@openworkers/runtime`. */
  readonly headers: string;
  readonly hasBody: boolean;
  /** The client asks for a WebSocket. Its bytes and those for it are the bodies of the two sides. */
  readonly isUpgrade: boolean;
  readonly depth: number;
}

export interface ForwardedHead extends ForwardQuestion {
  readonly limits: WorkerLimits;
}

export interface ForwardedResponse {
  readonly status: number;
  readonly headers: string;
  /** Whether `streamData` and `streamEnd` follow. */
  readonly hasBody: boolean;
}

export interface ForwardedFailure {
  readonly reason: FailureReason;
}

/**
 * From the client's side: the request body will not be complete. From the worker's side: the
 * response is cut (`aborted`), or the rest of the request body is not wanted (`unwanted`).
 */
export interface StreamReset {
  readonly reason: 'aborted' | 'timeout' | 'too_large' | 'unwanted';
}

/** What happened in the sandbox and belongs into a log; bound to the instance's handle. */
export type SandboxRecord =
  | ({ readonly kind: 'log' } & WorkerLogRecord)
  | ({ readonly kind: 'invocation' } & InvocationRecord)
  /** So many records were lost because the runner did not keep up. */
  | { readonly kind: 'dropped'; readonly count: number };

export interface InvocationRecord extends EventOutcome {
  readonly requestId: string;
  readonly timeMs: number;
  readonly method: string;
  /** Path without query, at most 1 024 characters. */
  readonly path: string;
  readonly status: number;
}

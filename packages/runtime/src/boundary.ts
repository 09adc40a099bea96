/**
 * The contract between the code inside an isolate (`isolate.ts` and what it imports) and the sandbox
 * process around it. Everything that crosses is a number, a string, `undefined`, `null` or an
 * ArrayBuffer (copied on the way out, transferred on the way in): object trees are slow to copy and
 * would run user code while being read.
 *
 * The bundled runtime script evaluates to one function, {@link BootIsolate}. The sandbox calls it
 * once and keeps a reference to the {@link EnterIsolate} function it returns: the only way in. The
 * only ways out are the functions in {@link HostFunctions}.
 *
 * One call of `enter` is one *slice*: user code runs until its microtasks are done. Every slice
 * belongs to one event (a request, a cron run); `eventId` 0 is the start-up of the worker.
 */
export type Crossing = number | string | boolean | null | undefined | ArrayBuffer;

/** `enter(op, eventId, a, b, c, d, e)`: what the sandbox asks of the isolate. */
export const enterOps = {
  /** Before the worker's module is evaluated. a: env as JSON (see {@link EnvDescriptor}), b: JSON {@link InstallOptions}. */
  install: 1,
  /**
   * Makes the exports of `cloudflare:workers`, or of the module b, reachable for the synthetic
   * module, through one global with the random name a; `hideModules` deletes it again before user
   * code runs. {@link contextModuleName} also makes the isolate follow contexts.
   */
  exposeModules: 2,
  hideModules: 3,
  /** After the module (and its top-level awaits) has been evaluated. a: the module namespace. Answers with host op `registered`. */
  register: 4,
  /** A request. a: method, b: url, c: headers (flat), d: one of {@link arrivalKinds}, e: JSON {@link FetchExtras}. */
  fetch: 5,
  /** The next piece of the request body; only after `pullRequestBody`. a: ArrayBuffer. */
  requestChunk: 6,
  /** The request body is complete. */
  requestEnd: 7,
  /** The request body broke off. a: message. */
  requestError: 8,
  /** The client has gone: aborts `request.signal`, cancels the response stream. */
  clientGone: 9,
  /** The client has taken a bytes of the response body: the stream may produce more. */
  responseCredit: 10,
  /** A timer is due. a: timer id. The event id is the one that set it. */
  timer: 11,
  /** The event is over for the sandbox: drop its timers, streams and pending work. */
  endEvent: 12,
  /** A cron run. a: scheduled time in epoch ms, b: cron expression. Answers with `eventDone`. */
  scheduled: 13,
  /** The answer to host op `call`. a: call id, b: 1 on success or 0, c: result or error message, d: more bytes. */
  callResult: 14,
  /**
   * A promise of the event was rejected and nobody handles that; only after `watchRejections`. a: line
   * and b: stack for the log, c: `error`, `null` or the value's type, d: message of the error, or the
   * value as text, e: name of the error.
   */
  unhandledRejection: 18,
  /** Give memory back; between events. */
  collectGarbage: 30,
  /*
   * Channels. a: channel id; the event id is the one that opened it. An isolate may be sent
   * `channelWindowBytes` of data that it did not grant yet.
   */
  /** What the other end has to say beside its data. b: text, as the kind defines it. */
  channelMessage: 40,
  /** b: ArrayBuffer, or string where the kind has text messages. */
  channelData: 41,
  /** No more data comes. b: text, as the kind defines it. */
  channelEnd: 42,
  /** The channel is over in both directions. b: message. */
  channelError: 43,
  /** b bytes of what the isolate has sent have left. */
  channelCredit: 44,
  /** The client of an upgraded request sent a message. a: string or ArrayBuffer. */
  socketMessage: 50,
  /** The client has taken a bytes of what `socketSend` sent. */
  socketTaken: 51,
  /** The connection to the client is over. a: code as `CloseEvent` has it, b: reason, c: 1 clean, 2 given up by the platform, else 0. */
  socketClosed: 52,
  /** The isolate has taken all it was given after `handOverChannel`: no more is said of the channel. */
  channelHandedOver: 45,
} as const;

/** What a request brings: nothing, a body, or a connection that can become a WebSocket. */
export const arrivalKinds = { plain: 0, body: 1, upgrade: 2 } as const;

/** Module for bundled code that follows asynchronous contexts (`AsyncLocalStorage`). */
export const contextModuleName = 'openworkers:async-context';

/** `host(op, eventId, a, b, c, d)`: what the isolate tells the sandbox; calls do not wait. */
export const hostOps = {
  /** The worker is ready. a: JSON {@link RegisteredHandlers}. */
  registered: 1,
  /** Response head. a: status, b: headers (flat), c: body kind ({@link bodyKinds}, {@link bodyAndDone}), d: the whole body when kind is text or bytes, statusText is not sent. */
  respond: 2,
  /** Piece of a streamed response body. a: ArrayBuffer. */
  responseChunk: 3,
  responseEnd: 4,
  /** The response stream errored: the connection is cut so that the client notices. a: message. */
  responseError: 5,
  /** The worker reads the request body: send at most a bytes more. */
  pullRequestBody: 6,
  /** The worker does not want the rest of the request body. */
  cancelRequestBody: 7,
  /** A console line. a: level (error, warn, info, log, debug, trace), b: text. */
  log: 8,
  /**
   * The handler threw, rejected, or did not return a Response. a: one line, b: stack. The sandbox
   * answers 500 `Exception` if no response was sent. c: 1 when it only concerns `waitUntil`.
   */
  exception: 9,
  /** No handler for this event type. */
  noHandler: 10,
  /** a: timer id, b: delay in ms. One shot; the runtime repeats intervals itself. */
  setTimer: 11,
  /** a: timer id. */
  clearTimer: 12,
  /** Nothing of this event is left inside: response complete, `waitUntil` settled; its timers are void. */
  eventDone: 13,
  /** Asks the sandbox for something asynchronous. a: call id, b: name, c: argument, d: bytes. */
  call: 14,
  /** `ctx.passThroughOnException()` was called. */
  passThroughOnException: 15,
  /** a: codec id; see `compression/codec-contract.ts`. Nobody needs it any more. */
  closeCodec: 16,
  /** Whether the worker wants to hear of unhandled rejections. a: 1 or 0. */
  watchRejections: 17,
  /*
   * Channels. a: channel id, which the isolate chooses and never uses again. An isolate stops
   * sending when `channelWindowBytes` of its data have no credit; the piece that passes the window
   * may be of any size.
   */
  /** b: kind ({@link ChannelKind}), c: argument, as the kind defines it. */
  openChannel: 40,
  /** b: ArrayBuffer, or string where the kind has text messages. */
  channelData: 41,
  /** No more data comes. b: text, as the kind defines it. */
  channelEnd: 42,
  /** Nobody here wants the channel any more: it is over in both directions. */
  channelReset: 43,
  /** The isolate has taken b bytes of what it was sent. */
  channelCredit: 44,
  /** The response of a request that came with {@link arrivalKinds}`.upgrade`: a WebSocket. a: headers (flat). */
  upgrade: 50,
  /** A message to the client. a: string or ArrayBuffer. */
  socketSend: 51,
  /** The worker has taken a bytes of what `socketMessage` brought. */
  socketTaken: 52,
  /** Starts or completes the closing handshake. a: code (1005: none, 1006: break the connection off), b: reason. */
  socketClose: 53,
  /**
   * After a response head with a streamed body: what is still to come of the channel is the rest of
   * that body, and need not pass through the isolate.
   */
  handOverChannel: 45,
} as const;

/**
 * What a channel leads to. Each kind has a folder of its name on every side: in the isolate, in
 * the sandbox (`channels/`) and in the runner (`egress/`).
 */
/** Kinds of channels that lead to what a key of `env` stands for. */
const bindingKinds = ['kv', 'storage', 'assets', 'database'] as const;
export type BindingKind = (typeof bindingKinds)[number];
export const channelKinds = ['fetch', 'websocket', 'cache', ...bindingKinds] as const;
export type ChannelKind = (typeof channelKinds)[number];
/** Bytes of one channel and direction that may be under way, not yet taken by the receiver. */
export const channelWindowBytes = 256 * 1024;
/** Longest piece of data an isolate may send, and longest message of a WebSocket in UTF-8. */
export const maxChannelDataBytes = 1024 * 1024;
/** What a message counts for in a window, beside its length: small ones cost, too. */
const messageOverhead = 64;

/** What a piece of data of so many bytes or UTF-16 units counts for in the windows of a channel. */
export function channelCost(kind: ChannelKind, length: number): number {
  return kind === 'websocket' ? length + messageOverhead : length;
}

export const bodyKinds = { none: 0, text: 1, bytes: 2, stream: 3 } as const;
/** Added to a body kind other than `stream`: nothing of the event is left, as if `eventDone` followed. */
export const bodyAndDone = 4;

/** `hostSync(op, a, b)`: answered at once while the isolate's thread waits; for rare things only. */
export const hostSyncOps = {
  /** a: number of bytes (at most 65 536). Answers an ArrayBuffer of random bytes. */
  randomBytes: 1,
  /** a: host name. Answers its ASCII form (UTS 46), or '' when it is not valid. */
  domainToAscii: 2,
  /** a: encoding label, b: bytes as ArrayBuffer. Answers the decoded text. */
  decodeText: 3,
} as const;

export type EnterOp = (typeof enterOps)[keyof typeof enterOps];
export type HostOp = (typeof hostOps)[keyof typeof hostOps];
export type HostSyncOp = (typeof hostSyncOps)[keyof typeof hostSyncOps];

export interface HostFunctions {
  host: (
    op: HostOp,
    eventId: number,
    a?: Crossing,
    b?: Crossing,
    c?: Crossing,
    d?: Crossing,
  ) => void;
  hostSync: (op: HostSyncOp, a?: Crossing, b?: Crossing) => Crossing;
}

export type EnterIsolate = (
  op: EnterOp,
  eventId: number,
  a?: unknown,
  b?: Crossing,
  c?: Crossing,
  d?: Crossing,
  e?: Crossing,
) => void;

/** What the runtime script evaluates to. */
export type BootIsolate = (
  host: HostFunctions['host'],
  hostSync: HostFunctions['hostSync'],
) => EnterIsolate;

/** One entry of `env`. Bindings have no more than their key and shape: who is meant, the runner knows. */
export type EnvDescriptor =
  | TextDescriptor
  | KvDescriptor
  | DatabaseDescriptor
  | StorageDescriptor
  | AssetsDescriptor
  | WorkerDescriptor;

interface TextDescriptor {
  readonly key: string;
  readonly kind: 'text';
  readonly value: string;
}

/** Which of the two sets of methods a binding has. */
export type BindingShape = 'openworkers' | 'cloudflare';

/** Another worker of the same tenant. */
interface WorkerDescriptor {
  readonly key: string;
  readonly kind: 'worker';
}

export interface DatabaseDescriptor {
  readonly key: string;
  readonly kind: 'database';
  readonly shape: BindingShape;
}

export interface KvDescriptor {
  readonly key: string;
  readonly kind: 'kv';
  readonly shape: BindingShape;
}

export interface StorageDescriptor {
  readonly key: string;
  readonly kind: 'storage';
  readonly shape: BindingShape;
}

interface AssetsDescriptor {
  readonly key: string;
  readonly kind: 'assets';
}

export interface InstallOptions {
  /** Pending timers allowed; one more throws `QuotaExceededError`. */
  maxTimers: number;
  maxLogLines: number;
  maxLogLineBytes: number;
  /** Bytes of an unread response stream that may wait in the sandbox. */
  responseWindowBytes: number;
}

export interface FetchExtras {
  cf: Record<string, unknown>;
}

/** What the worker can handle; the text is sent once per isolate. */
export interface RegisteredHandlers {
  handlers: ('fetch' | 'scheduled')[];
  /** Set when the default export is unusable (null, a number, …). */
  problem?: string;
}

/**
 * Headers cross as one string: `name\nvalue\nname\nvalue…`, in order, repeated names repeated.
 * Neither names nor values can contain a line feed. The empty string is no headers.
 */
export function flattenHeaders(pairs: Iterable<readonly [string, string]>): string {
  let flat = '';
  for (const [name, value] of pairs) flat += `${flat === '' ? '' : '\n'}${name}\n${value}`;
  return flat;
}

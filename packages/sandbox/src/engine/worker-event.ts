import type { TerminationReason } from '@openworkers/core';
import { arrivalKinds, bodyKinds, enterOps, type EnterOp } from '@openworkers/runtime';
import { EventChannels, type ChannelsEvent } from './channels/event-channels.ts';
import type { ChannelRequest } from './channels/channel-opener.ts';
import type { EventChannel } from './channels/event-channel.ts';
import { CpuAccount } from './cpu-account.ts';
import { responseWindowBytes } from './engine-limits.ts';
import { EventSocket, type SocketEvent } from './event-socket.ts';
import { LargeBody } from './large-body.ts';
import { MessageAccount } from './message-account.ts';
import type { WorkerInstance } from './worker-instance.ts';
import type {
  FailureReason,
  IncomingFetch,
  RequestBodySink,
  ResponseTarget,
  RunningEvent,
} from './worker-engine.ts';
import { startJob } from './start-job.ts';
import { streamedBody } from './worker-engine.ts';

/**
 * `queued`: not given to an isolate yet. `answering`: no response head yet. `streaming`: head sent,
 * body under way. `finishing`: the response is over, `waitUntil` work may go on. `over`: told so.
 */
export type EventPhase = 'queued' | 'answering' | 'streaming' | 'finishing' | 'over';

/** Close code for whoever may connect again: https://www.iana.org/assignments/websocket */
const serviceRestart = 1012;
/** CPU time per time that a WebSocket may use beside its messages, in the long run. */
const socketCpuShare = 0.01;
/** Same `cf` for every request until there is something to say about the client. */
const extras = JSON.stringify({ cf: {} });
/** Bytes over the window that an honest runtime may be late in noticing. */
const windowSlackBytes = 1024 * 1024;
/** Credit that is worth a slice of its own. */
const creditStepBytes = responseWindowBytes / 4;

/** One request from its dispatch to its `done`. */
export class WorkerEvent
  extends CpuAccount
  implements RunningEvent, RequestBodySink, ChannelsEvent, SocketEvent
{
  phase: EventPhase = 'queued';
  readonly request: IncomingFetch;
  readonly target: ResponseTarget;
  readonly dispatchedAt: number;
  /** When the current phase has taken too long; `performance.now()`. */
  deadline: number;
  isCold = false;
  logLines = 0;
  messages = 0;
  usesTimers = false;
  #instance: WorkerInstance | undefined;
  #outcome: 'ok' | TerminationReason = 'ok';
  /** The runtime has nothing of this event left. */
  #isDone = false;
  #isClientGone = false;
  #isBodyOpen: boolean;
  /** Bytes of the response body that the target has and the client has not. */
  #unreadBytes = 0;
  #creditBytes = 0;
  /** Bytes of the request body the worker may still be given. */
  #pulledBytes = 0;
  #largeBody: LargeBody | undefined;
  /** Where the response body comes from when the isolate has no part in it any more. */
  #handedOver: EventChannel | undefined;
  #channels: EventChannels | undefined;
  /** The connection to the client, once it is a WebSocket. */
  #socket: EventSocket | undefined;
  /** CPU time that no allowance counts any more. */
  #spentMs = 0;

  constructor(options: {
    readonly id: number;
    readonly request: IncomingFetch;
    readonly target: ResponseTarget;
    readonly now: number;
    readonly deadline: number;
  }) {
    super(options.id, Number.POSITIVE_INFINITY);
    this.request = options.request;
    this.target = options.target;
    this.dispatchedAt = options.now;
    this.deadline = options.deadline;
    this.#isBodyOpen = options.request.body !== undefined;
  }

  get instance(): WorkerInstance | undefined {
    return this.#instance;
  }

  /** Gives the request to an isolate. */
  begin(instance: WorkerInstance): void {
    const { request } = this;
    this.#instance = instance;
    this.phase = 'answering';
    this.limitMs = instance.limits.cpuMs;
    this.deadline = this.dispatchedAt + instance.limits.wallMs;
    instance.runner.enter(
      this,
      enterOps.fetch,
      request.method,
      request.url,
      request.headers,
      arrivalKindOf(request),
      extras,
    );
    request.body?.start(this);
  }

  // What the isolate says; checked by `host-messages.ts`.

  respond(status: number, headers: string, kind: number, body: string | ArrayBuffer | null): void {
    if (this.phase !== 'answering') return;
    if (kind === bodyKinds.stream || LargeBody.isNeededFor(body)) {
      this.#toPhase('streaming');
      this.target.head(status, headers, streamedBody);
      if (kind !== bodyKinds.stream && body !== null) this.#sendLargeBody(new LargeBody(body));
      return;
    }
    this.#toPhase('finishing');
    this.target.head(status, headers, body);
  }

  /** Answers with a WebSocket; false when the request did not ask for one. */
  upgrade(headers: string): boolean {
    const instance = this.#instance;
    if (this.phase !== 'answering' || instance === undefined) return true;
    if (this.request.isUpgrade !== true) return false;
    const stream = this.target.upgrade(headers);
    if (stream === undefined) return false;
    this.#toPhase('streaming');
    this.#socket = new EventSocket({ event: this, instance, stream });
    return true;
  }

  get socket(): EventSocket | undefined {
    return this.#socket;
  }

  /** False when the isolate sends more than it was allowed to. */
  responseChunk(bytes: ArrayBuffer): boolean {
    if (this.phase !== 'streaming' || !this.#isStreamed) return true;
    // The chunk that fills the window may be of any size.
    if (this.#unreadBytes > responseWindowBytes + windowSlackBytes) return false;
    this.#unreadBytes += bytes.byteLength;
    this.touch();
    if (!this.#isClientGone) this.target.chunk(bytes);
    return true;
  }

  responseEnd(): void {
    if (this.phase !== 'streaming' || !this.#isStreamed) return;
    this.#toPhase('finishing');
    this.target.end();
    this.#finishIfDone();
  }

  responseError(): void {
    if (this.phase === 'streaming' && this.#isStreamed) this.#cut('Exception');
  }

  pullRequestBody(bytes: number): void {
    if (!this.#isBodyOpen || this.phase === 'over') return;
    const allowed = Math.min(bytes, responseWindowBytes * 4 - this.#pulledBytes);
    if (allowed <= 0) return;
    this.#pulledBytes += allowed;
    this.request.body?.pull(allowed);
  }

  cancelRequestBody(): void {
    if (!this.#isBodyOpen) return;
    this.#isBodyOpen = false;
    this.request.body?.cancel();
  }

  /** False when the isolate sends more than it was allowed to. */
  receiveChannel(op: unknown, message: { a: unknown; b: unknown; c: unknown }): boolean {
    if (this.phase === 'over' || this.#instance === undefined) return true;
    this.#channels ??= new EventChannels(this, this.#instance.channels);
    return this.#channels.receive(op, message);
  }

  /** What is still to come of the channel is the rest of the response body. */
  handOver(channelId: number): void {
    if (this.phase !== 'streaming' || !this.#isStreamed) return;
    this.#channels?.handOver(channelId, {
      begin: (channel) => (this.#handedOver = channel),
      data: (bytes) => this.#sendHandedOver(bytes),
      end: () => {
        this.#handedOver = undefined;
        this.responseEnd();
      },
      fail: () => {
        if (this.phase === 'streaming') this.#cut('Exception');
      },
    });
  }

  /** Answers with a failure if nothing was answered yet, else cuts the response. */
  fail(reason: FailureReason): void {
    if (this.phase === 'streaming') {
      this.#cut(reason);
    } else if (this.phase === 'answering' || this.phase === 'queued') {
      this.#setOutcome(reason);
      this.#toPhase('finishing');
      this.target.fail(reason);
      this.#finishIfDone();
    }
  }

  eventDone(): void {
    this.#isDone = true;
    // The runtime answers before it is done, unless it was broken.
    if (this.phase === 'answering' || (this.phase === 'streaming' && !this.#hasOwnBody))
      this.fail('Exception');
    this.#finishIfDone();
  }

  override onIdle(): void {
    if (this.phase !== 'answering') this.#finishIfDone();
    else if (this.hostJobs === 0) this.#instance?.eventWaits();
  }

  // What its channels say.

  get channelOrigin(): Omit<ChannelRequest, 'kind' | 'argument'> {
    return {
      handle: this.#instance?.handle ?? '',
      requestId: this.request.requestId,
      depth: this.request.depth,
      runJob: (job) =>
        this.#instance !== undefined && startJob(this.#instance, this, { ...job, isLong: false }),
    };
  }

  enterChannel(op: EnterOp, channelId: number, b?: string | number | ArrayBuffer): void {
    const instance = this.#instance;
    if (this.phase === 'over' || instance === undefined) return;
    // Beside a WebSocket, what comes from elsewhere has an allowance of its own, too.
    const isMessage = op === enterOps.channelData && this.#socket !== undefined;
    const account = isMessage ? this.#newMessageAccount(instance) : this;
    instance.runner.enter(account, op, channelId, b);
  }

  channelMoved(): void {
    if (this.phase === 'streaming') this.touch();
  }

  // What the socket says.

  messageDone(cpuMs: number): void {
    this.#spentMs += cpuMs + this.cpuMs;
    // What goes on beside messages (timers, answers) shares an allowance that each message renews.
    this.cpuMs = 0;
    this.#finishIfDone();
  }

  socketClosed(): void {
    if (this.phase === 'streaming') this.#toPhase('finishing');
  }

  /** Called now and then with the time since the last call. */
  sweep(elapsedMs: number): void {
    if (this.#socket === undefined) return;
    this.#socket.reportTaken();
    // A socket may live for days and send by itself.
    const refilledMs = Math.min(this.cpuMs, elapsedMs * socketCpuShare);
    this.#spentMs += refilledMs;
    this.cpuMs -= refilledMs;
  }

  /** The process will end: a WebSocket is closed. */
  drain(): void {
    this.#socket?.end(serviceRestart, 'restart');
  }

  // What the target's side says.

  disconnect(): void {
    // A WebSocket learns from its connection.
    if (this.phase === 'over' || this.#isClientGone || this.#socket !== undefined) return;
    this.#isClientGone = true;
    if (this.phase === 'queued') {
      this.terminate('Retired');
      return;
    }
    this.#enter(enterOps.clientGone);
    this.deadline = performance.now() + (this.#instance?.limits.waitUntilMs ?? 0);
    if (this.#hasOwnBody) this.#cut('ok');
  }

  credit(bytes: number): void {
    if (this.phase !== 'streaming' || this.#socket !== undefined) return;
    this.#unreadBytes = Math.max(0, this.#unreadBytes - bytes);
    this.touch();
    if (this.#largeBody !== undefined) {
      this.#sendLargeBody(this.#largeBody);
      return;
    }
    if (this.#handedOver !== undefined) {
      this.#handedOver.takenBySink(bytes);
      return;
    }
    this.#creditBytes += bytes;
    if (this.#creditBytes < creditStepBytes && this.#unreadBytes > 0) return;
    this.#enter(enterOps.responseCredit, this.#creditBytes);
    this.#creditBytes = 0;
  }

  // What the request body says.

  chunk(bytes: Uint8Array): void {
    if (!this.#isBodyOpen || this.#instance === undefined) return;
    this.#pulledBytes = Math.max(0, this.#pulledBytes - bytes.byteLength);
    // A copy: the bytes may be part of a buffer that others use, and the isolate gets its memory.
    const copy = new Uint8Array(bytes).buffer;
    this.#instance.runner.enter(this, enterOps.requestChunk, copy);
  }

  end(): void {
    if (!this.#isBodyOpen) return;
    this.#isBodyOpen = false;
    this.#enter(enterOps.requestEnd);
  }

  error(reason: 'aborted' | 'timeout' | 'too_large'): void {
    if (!this.#isBodyOpen) return;
    this.#isBodyOpen = false;
    if (reason === 'too_large' && this.phase === 'answering') this.#endNow('body_too_large');
    else this.#enter(enterOps.requestError, bodyErrors[reason]);
  }

  // What the engine says.

  /** The deadline of the phase has passed. */
  expire(): void {
    if (this.phase === 'queued') this.terminate('WallClockTimeout');
    else if (this.phase === 'streaming' && this.#socket !== undefined) {
      this.#socket.end(1001, 'nothing was sent for too long');
    } else if (this.phase === 'finishing' || this.#isClientGone) this.#dropRest();
    else this.#endNow('WallClockTimeout');
  }

  /** Over its CPU limit while another event runs: only this event has to go. */
  stop(reason: TerminationReason): void {
    if (this.phase === 'finishing') {
      this.#setOutcome(reason);
      this.#dropRest();
    } else if (this.phase !== 'over') this.#endNow(reason);
  }

  /** Its isolate has gone, or it never got one: everything about it is over now. */
  terminate(reason: FailureReason): void {
    if (this.phase === 'over') return;
    this.fail(reason);
    this.#setOutcome(reason);
    this.#settle();
  }

  #endNow(reason: FailureReason): void {
    this.fail(reason);
    this.#dropRest();
  }

  #dropRest(): void {
    if (this.phase === 'over') return;
    if (this.phase === 'finishing' && this.#outcome === 'ok' && !this.#isClientGone) {
      this.#instance?.log(this, 'warn', 'waitUntil took too long; the rest of it was dropped');
    }
    if (this.phase === 'answering' || this.phase === 'streaming') this.fail('WallClockTimeout');
    this.#enter(enterOps.endEvent);
    this.#settle();
  }

  #cut(reason: FailureReason | 'ok'): void {
    const handedOver = this.#handedOver;
    this.#largeBody = undefined;
    this.#handedOver = undefined;
    if (reason !== 'ok') this.#setOutcome(reason);
    this.#toPhase('finishing');
    if (this.#socket === undefined) this.target.abort();
    else this.#socket.stop(serviceRestart, reason);
    handedOver?.close();
    this.#finishIfDone();
  }

  /** The body is sent from here: what the isolate says of it does not count. */
  get #hasOwnBody(): boolean {
    return this.#largeBody !== undefined || this.#handedOver !== undefined;
  }

  #sendHandedOver(bytes: Uint8Array): void {
    if (this.phase !== 'streaming') return;
    this.#unreadBytes += bytes.byteLength;
    this.touch();
    if (!this.#isClientGone) this.target.chunk(bytes);
  }

  #sendLargeBody(body: LargeBody): void {
    this.#largeBody = body;
    while (this.#unreadBytes < responseWindowBytes) {
      const piece = body.next();
      if (piece === undefined) {
        this.#largeBody = undefined;
        this.responseEnd();
        return;
      }
      this.#unreadBytes += piece.byteLength;
      this.target.chunk(piece);
    }
  }

  #setOutcome(reason: FailureReason): void {
    if (this.#outcome !== 'ok' || reason === 'body_too_large') return;
    this.#outcome = reason === 'unavailable' ? 'Overloaded' : reason;
  }

  #toPhase(phase: 'streaming' | 'finishing'): void {
    const before = this.phase;
    this.phase = phase;
    const instance = this.#instance;
    if (instance === undefined) return;
    const limits = instance.limits;
    this.deadline =
      performance.now() + (phase === 'streaming' ? limits.idleMs : limits.waitUntilMs);
    instance.phaseChanged(before, phase);
  }

  /** A byte moved: the idle limit counts anew. */
  touch(): void {
    if (this.#isClientGone || this.#instance === undefined) return;
    this.deadline = performance.now() + this.#instance.limits.idleMs;
  }

  #enter(op: EnterOp, a?: string | number): void {
    if (this.phase !== 'over') this.#instance?.runner.enter(this, op, a);
  }

  #newMessageAccount(instance: WorkerInstance): MessageAccount {
    return new MessageAccount(this.id, instance.limits.cpuMs, (account) =>
      this.messageDone(instance.estimateCpuMs(account)),
    );
  }

  /** Whether the isolate sends the body in pieces. */
  get #isStreamed(): boolean {
    return !this.#hasOwnBody && this.#socket === undefined;
  }

  #finishIfDone(): void {
    const isIdle = this.pendingSlices === 0 && (this.#socket?.isIdle ?? true);
    if (this.#isDone && isIdle && this.phase === 'finishing') this.#settle();
  }

  #settle(): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.cancelRequestBody();
    this.#channels?.closeAll();
    const instance = this.#instance;
    instance?.remove(this);
    this.target.done({
      handle: instance?.handle,
      outcome: this.#outcome,
      cpuMs: toMicroseconds((instance?.estimateCpuMs(this) ?? 0) + this.#spentMs),
      wallMs: toMicroseconds(performance.now() - this.dispatchedAt),
      isCold: this.isCold,
      memoryBytes: instance?.memoryBytes ?? 0,
    });
  }
}

function arrivalKindOf(request: IncomingFetch): number {
  if (request.isUpgrade === true) return arrivalKinds.upgrade;
  return request.body === undefined ? arrivalKinds.plain : arrivalKinds.body;
}

const bodyErrors = {
  aborted: 'The client closed the connection before the request body was complete',
  timeout: 'The request body was not received in time',
  too_large: 'The request body is larger than the limit',
} as const;

/** Three digits of ms: the rest is noise, and costs more to write and read than all other fields. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

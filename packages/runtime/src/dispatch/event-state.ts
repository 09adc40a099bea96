import { bodyAndDone, bodyKinds, hostOps } from '../boundary.ts';
import type { Crossing } from '../boundary.ts';
import { ConsoleState } from '../console/console-state.ts';
import { utf8Length } from '../encoding/utf8-encode.ts';
import type { IncomingBody } from '../fetch/incoming-body.ts';
import type { ResponseState } from '../fetch/response.ts';
import { isResponse, responseStateOf } from '../fetch/response.ts';
import {
  domExceptionModule,
  fetchModule,
  streamsModule,
  websocketModule,
} from '../lazy/lazy-modules.ts';
import { TypedArrayPrototypeByteLength, TypeError } from '../primordials.ts';
import type { SafeSet } from '../safe-collections.ts';
import { react } from '../safe-promise.ts';
import type { LazyAbortSignal } from '../events/lazy-abort-signal.ts';
import { exactBuffer, isUint8Array } from '../webidl/buffer-source.ts';
import { describeError } from './describe-error.ts';
import { host } from './host.ts';
import type { ClientEnd } from '../websocket/client-end.ts';
import type { WebSocket } from '../websocket/web-socket.ts';
import type { HeaderList } from '../fetch/header-list.ts';
import type { ContentPump } from './content-pump.ts';
import type { ResponseHandover } from './response-handover.ts';
import type { ResponsePump } from './response-pump.ts';

/** Larger bodies leave the isolate piece by piece, as far as the client takes them. */
const largestWholeBody = 4 * 1024 * 1024;

/** One request or cron run, from its dispatch until nothing of it is left. */
export class EventState {
  readonly id: number;
  readonly #onOver: (event: EventState) => void;
  readonly #responseWindowBytes: number;
  requestBody: IncomingBody | undefined = undefined;
  requestSignal: LazyAbortSignal | undefined = undefined;
  /** Ids of its pending timers. */
  timerIds: SafeSet<number> | undefined = undefined;
  isOver = false;
  /** Whether the client asked for a WebSocket. */
  canUpgrade = false;
  /** The client, once it was given a WebSocket. */
  client: ClientEnd | undefined = undefined;
  /** The handler with its response, and every promise given to `waitUntil`. */
  #pendingWork = 1;
  #console: ConsoleState | undefined = undefined;
  #hasResponded = false;
  #pump: ContentPump | ResponseHandover | ResponsePump | undefined = undefined;

  constructor(id: number, responseWindowBytes: number, onOver: (event: EventState) => void) {
    this.id = id;
    this.#responseWindowBytes = responseWindowBytes;
    this.#onOver = onOver;
  }

  get console(): ConsoleState {
    this.#console ??= new ConsoleState();
    return this.#console;
  }

  /** Sends what the handler answered; anything but a usable Response is an exception. */
  respond(value: unknown): void {
    if (this.isOver || this.#hasResponded) return;
    this.#hasResponded = true;
    try {
      this.#send(value);
    } catch (error) {
      this.#report(error, 0);
      this.settle();
    }
  }

  /** The handler threw or rejected. */
  fail(reason: unknown): void {
    if (this.isOver || this.#hasResponded) return;
    this.#hasResponded = true;
    this.#report(reason, 0);
    this.settle();
  }

  /** Something went wrong beside the response: in `waitUntil`, a timer, `reportError`. */
  reportBackgroundError(reason: unknown): void {
    if (!this.isOver) this.#report(reason, 1);
  }

  waitUntil(work: unknown): void {
    this.#pendingWork += 1;
    react(
      work,
      () => this.settle(),
      (reason) => {
        this.reportBackgroundError(reason);
        this.settle();
      },
    );
  }

  /** One piece of pending work is done. */
  settle(): void {
    this.#pendingWork -= 1;
    if (this.#pendingWork > 0 || this.isOver) return;
    host(hostOps.eventDone, this.id);
    this.end('The event is over');
  }

  /** The client has gone: nobody reads the response. */
  disconnect(): void {
    this.requestSignal?.abort(
      new domExceptionModule.value.DOMException('The client has disconnected', 'AbortError'),
    );
    this.#pump?.cancel('The client has disconnected');
  }

  credit(bytes: number): void {
    this.#pump?.credit(bytes);
  }

  /** Drops timers, body and response, so that nothing of the event stays in the isolate. */
  end(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.requestBody?.receiveError(reason);
    this.#pump?.cancel(reason);
    this.client?.drop();
    this.#onOver(this);
  }

  #send(value: unknown): void {
    if (!isResponse(value)) {
      throw new TypeError('The handler did not return a Response');
    }
    const state = responseStateOf(value);
    const { status, headers, body } = state;
    if (state.webSocket !== null) {
      this.#upgrade(state, state.webSocket);
      return;
    }
    if (status === 0) throw new TypeError('The handler returned Response.error()');
    if (body === null) {
      this.#sendWhole(status, headers.toFlat(), bodyKinds.none, undefined);
      return;
    }
    if (body.isUnusable) throw new TypeError('The body of the response has already been used');
    const incoming = body.takeIncoming();
    if (incoming !== undefined) {
      const { ResponseHandover: Handover } = fetchModule.value;
      this.#startPump(new Handover(incoming, this), status, headers);
      return;
    }
    const content = body.takeContent();
    if ((typeof content === 'string' || isUint8Array(content)) && isLarge(content)) {
      const { ContentPump: Pump } = streamsModule.value;
      if (!headers.has('content-length')) headers.append('content-length', `${sizeOf(content)}`);
      this.#startPump(new Pump(content, this, this.#responseWindowBytes), status, headers);
    } else if (typeof content === 'string') {
      this.#sendWhole(status, headers.toFlat(), bodyKinds.text, content);
    } else if (isUint8Array(content)) {
      this.#sendWhole(status, headers.toFlat(), bodyKinds.bytes, exactBuffer(content));
    } else {
      const { ResponsePump: Pump } = streamsModule.value;
      this.#startPump(new Pump(content, this, this.#responseWindowBytes), status, headers);
    }
  }

  #startPump(
    pump: ContentPump | ResponseHandover | ResponsePump,
    status: number,
    headers: HeaderList,
  ): void {
    this.#pump = pump;
    host(hostOps.respond, this.id, status, headers.toFlat(), bodyKinds.stream);
    pump.start();
  }

  /** The event goes on until the connection is closed. */
  #upgrade({ headers }: ResponseState, socket: WebSocket): void {
    if (!this.canUpgrade) throw new TypeError('The request did not ask for a WebSocket');
    const { bridge, ClientEnd: End, socketStateOf } = websocketModule.value;
    const end = socketStateOf(socket).give();
    const client = new End(this.id, () => this.#endSocket());
    this.client = client;
    host(hostOps.upgrade, this.id, headers.toFlat());
    bridge(end, client);
  }

  #endSocket(): void {
    if (this.client === undefined) return;
    this.client = undefined;
    this.settle();
  }

  /** Most events are over with their response: one message says both. */
  #sendWhole(status: number, headers: string, kind: number, content: Crossing): void {
    this.#pendingWork -= 1;
    const isLast = this.#pendingWork <= 0;
    host(hostOps.respond, this.id, status, headers, isLast ? kind + bodyAndDone : kind, content);
    if (isLast) this.end('The event is over');
  }

  #report(reason: unknown, isBackground: 0 | 1): void {
    const { message, stack } = describeError(reason);
    host(hostOps.exception, this.id, message, stack, isBackground);
  }
}

function sizeOf(content: string | Uint8Array): number {
  return typeof content === 'string' ? utf8Length(content) : TypedArrayPrototypeByteLength(content);
}

/** Whether so much would take too much memory outside of the isolate, where nobody counts it. */
function isLarge(content: string | Uint8Array): boolean {
  const size =
    typeof content === 'string' ? content.length : TypedArrayPrototypeByteLength(content);
  return size > largestWholeBody;
}

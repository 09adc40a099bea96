import { bodyAndDone, bodyKinds, enterOps, hostOps } from '../boundary.ts';
import type { Crossing, EnterOp, HostOp } from '../boundary.ts';

/** What the isolate said about one event, and the sandbox's side of the conversation. */
export interface TestEventInit {
  readonly enter: (op: EnterOp, ...args: Crossing[]) => Promise<void>;
  /** Pieces of the request body, sent as fast as the worker asks for bytes. */
  readonly body: readonly (string | Uint8Array)[];
  /** Pieces are asked for, but never sent. */
  readonly holdBody: boolean;
  /** Bytes of response the client takes; more only through `credit`. Undefined: all at once. */
  readonly takeBytes: number | undefined;
}

/** The value if it is a string, else the empty string. */
export function textOf(value: Crossing): string {
  return typeof value === 'string' ? value : '';
}

export class TestEvent {
  status: number | undefined;
  headers: [string, string][] = [];
  bodyKind: number | undefined;
  readonly chunks: Uint8Array[] = [];
  readonly exceptions: { message: string; stack: string; isBackground: boolean }[] = [];
  /** Names of the host operations in order, without the timers' and console's. */
  readonly operations: string[] = [];
  /** What the worker sent over the WebSocket it answered with, its closes as `[code, reason]`. */
  readonly socketMessages: (string | Uint8Array | [number, string])[] = [];
  /** Bytes of messages that the worker has taken. */
  socketTakenBytes = 0;
  isComplete = false;
  isDone = false;
  /** Asked for and not sent yet. */
  pulledBytes = 0;
  sentBytes = 0;
  readonly #init: TestEventInit;
  readonly #pending: (string | Uint8Array)[];
  #waiters: (() => void)[] = [];
  #isSending = false;

  constructor(init: TestEventInit) {
    this.#init = init;
    this.#pending = [...init.body];
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  get json(): unknown {
    return JSON.parse(this.text);
  }

  header(name: string): string | undefined {
    return this.headers.find(([key]) => key.toLowerCase() === name)?.[1];
  }

  /** Waits until the condition holds; checked at every operation of the isolate. */
  async until(condition: (event: this) => boolean): Promise<this> {
    const deadline = AbortSignal.timeout(5_000);
    while (!condition(this)) {
      if (deadline.aborted)
        throw new Error(`Not reached; operations: ${this.operations.join(' ')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this;
  }

  completed(): Promise<this> {
    return this.until((event) => event.isComplete);
  }

  done(): Promise<this> {
    return this.until((event) => event.isDone);
  }

  credit(bytes: number): Promise<void> {
    return this.#init.enter(enterOps.responseCredit, bytes);
  }

  disconnect(): Promise<void> {
    return this.#init.enter(enterOps.clientGone);
  }

  breakRequest(message: string): Promise<void> {
    return this.#init.enter(enterOps.requestError, message);
  }

  /** The client of an upgraded request sends a message. */
  sendMessage(data: string | Uint8Array): Promise<void> {
    const crossing = typeof data === 'string' ? data : new Uint8Array(data).buffer;
    return this.#init.enter(enterOps.socketMessage, crossing);
  }

  /** The client has taken so many bytes. */
  takeMessages(bytes: number): Promise<void> {
    return this.#init.enter(enterOps.socketTaken, bytes);
  }

  /** The connection to the client is over. */
  closeSocket(code: number, reason: string, flags: 0 | 1 | 2): Promise<void> {
    return this.#init.enter(enterOps.socketClosed, code, reason, flags);
  }

  end(): Promise<void> {
    return this.#init.enter(enterOps.endEvent);
  }

  /** Called by the driver for every host operation of this event. */
  receive(op: HostOp, [a, b, c, d]: readonly Crossing[]): void {
    if (op !== hostOps.log && op !== hostOps.setTimer && op !== hostOps.clearTimer) {
      const name = Object.entries(hostOps).find(([, number]) => number === op)?.[0];
      this.operations.push(name ?? `${op}`);
    }
    if (op === hostOps.respond) this.#respond(Number(a), textOf(b), Number(c), d);
    else if (op === hostOps.responseChunk) this.#chunk(a);
    else if (op === hostOps.responseEnd || op === hostOps.responseError) this.isComplete = true;
    else if (op === hostOps.noHandler) this.isComplete = true;
    else if (op === hostOps.exception) {
      this.exceptions.push({ message: textOf(a), stack: textOf(b), isBackground: c === 1 });
      if (c !== 1) this.isComplete = true;
    } else if (op === hostOps.upgrade) {
      this.status = 101;
      this.#readHeaders(textOf(a));
    } else if (op === hostOps.socketSend) {
      this.socketMessages.push(a instanceof ArrayBuffer ? new Uint8Array(a) : textOf(a));
    } else if (op === hostOps.socketClose) this.socketMessages.push([Number(a), textOf(b)]);
    else if (op === hostOps.socketTaken) this.socketTakenBytes += Number(a);
    else if (op === hostOps.eventDone) this.isDone = true;
    else if (op === hostOps.pullRequestBody) {
      this.pulledBytes += Number(a);
      void this.#send();
    }
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #respond(status: number, headers: string, kindAndDone: number, body: Crossing): void {
    this.isDone = kindAndDone >= bodyAndDone;
    if (this.isDone) this.operations.push('eventDone');
    const kind = this.isDone ? kindAndDone - bodyAndDone : kindAndDone;
    this.status = status;
    this.#readHeaders(headers);
    this.bodyKind = kind;
    if (typeof body === 'string') this.chunks.push(Buffer.from(body));
    else if (body instanceof ArrayBuffer) this.chunks.push(new Uint8Array(body));
    this.isComplete = kind !== bodyKinds.stream;
  }

  #readHeaders(headers: string): void {
    const flat = headers === '' ? [] : headers.split('\n');
    for (let i = 0; i < flat.length; i += 2) this.headers.push([flat[i] ?? '', flat[i + 1] ?? '']);
  }

  #chunk(bytes: Crossing): void {
    if (!(bytes instanceof ArrayBuffer)) throw new Error('a response chunk must be an ArrayBuffer');
    this.chunks.push(new Uint8Array(bytes));
    if (this.#init.takeBytes === undefined) void this.credit(bytes.byteLength);
  }

  async #send(): Promise<void> {
    if (this.#isSending || this.#init.holdBody) return;
    this.#isSending = true;
    while (this.pulledBytes > 0 && this.#pending.length > 0) {
      const piece = this.#pending.shift() ?? '';
      const bytes = Uint8Array.from(typeof piece === 'string' ? Buffer.from(piece) : piece);
      this.pulledBytes -= bytes.byteLength;
      this.sentBytes += bytes.byteLength;
      await this.#init.enter(enterOps.requestChunk, bytes.buffer);
    }
    this.#isSending = false;
    if (this.#pending.length === 0 && this.pulledBytes > 0) {
      this.pulledBytes = -Infinity;
      await this.#init.enter(enterOps.requestEnd);
    }
  }
}

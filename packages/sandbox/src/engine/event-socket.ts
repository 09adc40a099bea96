import type { Duplex } from 'node:stream';
import { enterOps } from '@openworkers/runtime';
import {
  ClientSocket,
  type ClientSocketListener,
  type SocketEnding,
} from '../websocket/client-socket.ts';
import type { CpuAccount } from './cpu-account.ts';
import { MessageAccount } from './message-account.ts';
import type { WorkerInstance } from './worker-instance.ts';

const KiB = 1024;
/** Messages given to the isolate ahead of their turn. */
const messagesAhead = 32;
/** Bytes of messages that the worker may leave unread before the client has to wait. */
const unreadBytes = 256 * KiB;
/** Taken bytes that are worth a slice of their own; less is told within a sweep. */
const takenBytes = 64 * KiB;

/** What a socket needs of its event, which pays for what no message pays for. */
export interface SocketEvent extends CpuAccount {
  /** Something moved: the idle limit counts anew. */
  touch(): void;
  /** A message was dealt with, for so much CPU time. */
  messageDone(cpuMs: number): void;
  /** The connection is over; the worker is told next. */
  socketClosed(): void;
}

interface EventSocketOptions {
  readonly event: SocketEvent;
  readonly instance: WorkerInstance;
  /** The connection to the client, after the HTTP handshake. */
  readonly stream: Duplex;
}

interface WaitingMessage {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** The WebSocket that an event answered with, between client and isolate. */
export class EventSocket implements ClientSocketListener {
  readonly #event: SocketEvent;
  readonly #instance: WorkerInstance;
  readonly #client: ClientSocket;
  readonly #messageDone = (account: MessageAccount): void => this.#onMessageDone(account);
  #waiting: WaitingMessage[] = [];
  #isPaused = false;
  #pending = 0;
  #unreadBytes = 0;
  #takenBytes = 0;
  #ending: SocketEnding | undefined;
  #isOver = false;

  constructor({ event, instance, stream }: EventSocketOptions) {
    this.#event = event;
    this.#instance = instance;
    const { sockets } = instance;
    this.#client = new ClientSocket({
      stream,
      listener: this,
      memory: sockets.memory,
      isolateMemory: sockets.isolateMemory,
    });
  }

  // What the isolate says; checked by `socket-messages.ts`.

  send(data: string | ArrayBuffer): void {
    if (this.#isOver) return;
    this.#event.touch();
    this.#client.send(data);
  }

  /** The worker has dealt with so many bytes. */
  read(bytes: number): void {
    this.#unreadBytes = Math.max(0, this.#unreadBytes - bytes);
    this.#deliver();
  }

  /** 1006 breaks the connection off. */
  close(code: number, reason: string): void {
    if (code === 1006) this.#client.breakOff();
    else this.#client.close(code, reason);
  }

  // What the engine says.

  /** Whether the isolate has nothing of it to run. */
  get isIdle(): boolean {
    return this.#pending === 0;
  }

  /** Tells the isolate what the client has taken; called now and then. */
  reportTaken(): void {
    if (this.#takenBytes === 0 || this.#isOver) return;
    this.#instance.runner.enter(this.#event, enterOps.socketTaken, this.#takenBytes);
    this.#takenBytes = 0;
  }

  /** The event is over: the client is told why, the worker nothing more. */
  stop(code: number, reason: string): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#client.close(code, reason);
  }

  /** The platform closes the connection; client and worker are told why. */
  end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#waiting = [];
    this.#client.close(code, reason);
    this.#finish({ code, reason, wasClean: true, isFailure: false });
  }

  // ClientSocketListener

  activity(): void {
    if (!this.#isOver) this.#event.touch();
  }

  message(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return;
    this.#waiting.push({ data, isBinary });
    this.#deliver();
    if (this.#waiting.length === 0 || this.#isPaused) return;
    this.#isPaused = true;
    this.#client.pause();
  }

  taken(bytes: number): void {
    if (this.#isOver) return;
    this.#event.touch();
    this.#takenBytes += bytes;
    if (this.#takenBytes >= takenBytes) this.reportTaken();
  }

  closed(ending: SocketEnding): void {
    if (this.#isOver) return;
    this.#ending = ending;
    this.#deliver();
  }

  #deliver(): void {
    while (this.#pending < messagesAhead && this.#unreadBytes < unreadBytes) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#pending += 1;
      this.#unreadBytes += message.data.length;
      // A copy: the bytes may be part of a larger buffer, and the isolate gets its memory.
      const content = message.isBinary
        ? new Uint8Array(message.data).buffer
        : message.data.toString('utf8');
      const account = this.#newAccount(this.#messageDone);
      this.#instance.runner.enter(account, enterOps.socketMessage, content);
    }
    if (this.#waiting.length > 0 || this.#isOver) return;
    if (this.#ending !== undefined) this.#finish(this.#ending);
    else if (this.#isPaused) {
      this.#isPaused = false;
      this.#client.resume();
    }
  }

  #finish({ code, reason, wasClean, isFailure }: SocketEnding): void {
    this.#isOver = true;
    // Before the worker hears it, who may then have nothing left to do.
    this.#event.socketClosed();
    this.#pending += 1;
    const account = this.#newAccount(this.#messageDone);
    const flags = wasClean ? 1 : isFailure ? 2 : 0;
    this.#instance.runner.enter(account, enterOps.socketClosed, code, reason, flags);
  }

  #onMessageDone(account: MessageAccount): void {
    this.#pending -= 1;
    this.#event.messageDone(this.#instance.estimateCpuMs(account));
    this.#deliver();
  }

  #newAccount(onDone: (account: MessageAccount) => void): MessageAccount {
    return new MessageAccount(this.#event.id, this.#instance.limits.cpuMs, onDone);
  }
}

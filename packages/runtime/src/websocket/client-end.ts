import { hostOps } from '../boundary.ts';
import { host } from '../dispatch/host.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';
import type { SocketEnd, SocketMessage, SocketReceiver } from './socket-end.ts';

/** Bytes taken are collected up to this much before the sandbox is told. */
const grantBytes = 32_768;

/** The client of a request that was answered with a WebSocket; the sandbox speaks the protocol. */
export class ClientEnd implements SocketEnd {
  readonly #eventId: number;
  readonly #onOver: () => void;
  #receiver: SocketReceiver | undefined = undefined;
  #ungrantedBytes = 0;
  #hasClosed = false;
  #isOver = false;

  /** @param onOver Told when the worker has dealt with the end of the connection. */
  constructor(eventId: number, onOver: () => void) {
    this.#eventId = eventId;
    this.#onOver = onOver;
  }

  attach(receiver: SocketReceiver): void {
    this.#receiver = receiver;
  }

  send(data: SocketMessage): void {
    if (!this.#hasClosed) host(hostOps.socketSend, this.#eventId, data);
  }

  take(bytes: number): void {
    this.#ungrantedBytes += bytes;
    if (this.#ungrantedBytes < grantBytes || this.#isOver) return;
    host(hostOps.socketTaken, this.#eventId, this.#ungrantedBytes);
    this.#ungrantedBytes = 0;
  }

  close(code: number, reason: string): void {
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    host(hostOps.socketClose, this.#eventId, code, reason);
  }

  release(): void {
    this.#onOver();
  }

  breakOff(): void {
    this.close(1006, '');
  }

  // What the sandbox says: see `enterOps`.

  receiveMessage(data: unknown): void {
    if (this.#isOver) return;
    if (typeof data === 'string' || isArrayBuffer(data)) this.#receiver?.message(data);
  }

  receiveTaken(bytes: unknown): void {
    if (typeof bytes === 'number') this.#receiver?.taken(bytes);
  }

  receiveClosed(code: unknown, reason: unknown, flags: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hasClosed = true;
    this.#receiver?.closed({
      code: typeof code === 'number' ? code : 1006,
      reason: typeof reason === 'string' ? reason : '',
      wasClean: flags === 1,
      isFailure: flags === 2,
      message: '',
    });
  }

  /** The event is over for another reason. */
  drop(): void {
    this.receiveClosed(1006, '', 0);
  }
}

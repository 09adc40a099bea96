import type { Socket } from 'node:net';
import type { Logger } from '@openworkers/core';
import { connectionStates, visitConnectionChanges, type HandoverHint } from '@openworkers/sandbox';
import { ConnectionTable, type Connection } from './connection-table.ts';

/** A sandbox as the client connections see it. */
export interface SocketTarget {
  /** Gives the connection a second owner: this process keeps its own descriptor open. */
  sendSocket(socketId: number, socket: Socket, hint?: HandoverHint): void;
}

export interface SocketHandoverOptions {
  readonly log: Logger;
  readonly maxConnections: number;
  /** Milliseconds that a connection may wait for a sandbox; afterwards it is answered 503. */
  readonly maxWaitMs?: number;
}

/** How long a sandbox may need to say that it reads a request, with its machine crowded. */
const doubtfulMs = 1_000;
/** Who waits for an answer that nobody owes any more learns of it after so long. */
const mustSpeakWithinMs = 5_000;

const unavailable =
  'HTTP/1.1 503 Service Unavailable\r\n' +
  'content-type: text/plain; charset=utf-8\r\ncontent-length: 19\r\n' +
  'retry-after: 1\r\nconnection: close\r\n\r\nNo sandbox is ready';

/**
 * Hands client connections to the sandbox that serves now, and takes them along when that changes:
 * idle ones go to the next sandbox unnoticed by the client, those with a request running on them end
 * with the sandbox that ran it.
 */
export class SocketHandover {
  readonly #log: Logger;
  readonly #maxConnections: number;
  readonly #maxWaitMs: number;
  readonly #table = new ConnectionTable<SocketTarget>();
  readonly #waiting = new Map<Connection<SocketTarget>, NodeJS.Timeout>();
  #target: SocketTarget | undefined;
  #isClosing = false;

  constructor({ log, maxConnections, maxWaitMs = 10_000 }: SocketHandoverOptions) {
    this.#log = log;
    this.#maxConnections = maxConnections;
    this.#maxWaitMs = maxWaitMs;
  }

  get connectionCount(): number {
    return this.#table.size;
  }

  /** Connections on which a request runs, or ran a moment ago. */
  get busyCount(): number {
    let busy = 0;
    for (const { isBusy } of this.#table) if (isBusy) busy += 1;
    return busy;
  }

  /** Takes a new connection, paused and unread, from the listener. */
  accept(socket: Socket): void {
    if (this.#table.size >= this.#maxConnections) {
      socket.destroy();
      return;
    }
    // A reset by the client shows up here too; the sandbox reports what matters.
    socket.on('error', () => socket.destroy());
    const connection = this.#table.add(socket);
    socket.once('close', () => this.#stopWaiting(connection));
    this.#place(connection);
  }

  /** From now on new and waiting connections go there; undefined makes them wait. */
  setTarget(target: SocketTarget | undefined): void {
    this.#target = target;
    if (target === undefined) return;
    for (const connection of this.#waiting.keys()) this.#place(connection);
  }

  /**
   * A `connections` frame of a sandbox.
   *
   * @throws ProtocolError when it is malformed
   */
  applyChanges(owner: SocketTarget, changes: Buffer): void {
    visitConnectionChanges(changes, (socketId, state) => {
      const connection = this.#table.get(socketId, owner);
      // Unknown ones were closed on this side meanwhile.
      if (connection === undefined) return;
      if (state === connectionStates.closed) connection.socket.destroy();
      else if (state === connectionStates.released) this.#place(connection);
      else {
        connection.isBusy = state === connectionStates.busy;
        connection.quietSince = performance.now();
        connection.isDoubtful = false;
      }
    });
  }

  /** The sandbox is dead: nothing reads its connections any more. */
  ownerGone(owner: SocketTarget): void {
    if (this.#target === owner) this.#target = undefined;
    const connections = this.#table.ownedBy(owner);
    const doubtfulSince = performance.now() - doubtfulMs;
    let lost = 0;
    for (const connection of connections) {
      if (connection.isBusy) {
        lost += 1;
        // A reset rather than an orderly end, which could pass for a complete response.
        connection.socket.resetAndDestroy();
      } else {
        connection.isDoubtful ||= connection.quietSince > doubtfulSince;
        this.#place(connection);
      }
    }
    if (connections.length === 0) return;
    this.#log.info({ lost, kept: connections.length - lost }, 'connections of a sandbox moved on');
  }

  /** From now on connections close as soon as no request runs on them. */
  closeIdle(): void {
    this.#isClosing = true;
    this.#target = undefined;
    for (const { socket } of this.#table.ownedBy(undefined)) socket.destroy();
  }

  closeAll(): void {
    this.closeIdle();
    for (const { socket } of this.#table) socket.destroy();
  }

  #place(connection: Connection<SocketTarget>): void {
    connection.isBusy = false;
    this.#stopWaiting(connection);
    connection.owner = this.#target;
    if (this.#isClosing) connection.socket.destroy();
    if (connection.socket.destroyed) return;
    if (this.#target === undefined) this.#wait(connection);
    else {
      const { id, socket, isDoubtful } = connection;
      connection.quietSince = performance.now();
      this.#target.sendSocket(id, socket, isDoubtful ? { mustSpeakWithinMs } : undefined);
    }
  }

  #wait(connection: Connection<SocketTarget>): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(connection);
      connection.socket.end(unavailable, () => connection.socket.destroy());
    }, this.#maxWaitMs);
    this.#waiting.set(connection, timer);
  }

  #stopWaiting(connection: Connection<SocketTarget>): void {
    clearTimeout(this.#waiting.get(connection));
    this.#waiting.delete(connection);
  }
}

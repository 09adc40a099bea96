import type { Socket } from 'node:net';
import { connectionStates, type SocketMessage } from '../protocol/messages.ts';
import type { ConnectionState } from '../protocol/connection-changes.ts';
import {
  ClientConnection,
  type ConnectionHost,
  type ConnectionTimeouts,
} from './client-connection.ts';
import type { ConnectionReport } from './connection-report.ts';
import { IdleWatch } from './idle-watch.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { TurnQueue } from './turn-queue.ts';

export interface ConnectionTableOptions {
  readonly report: ConnectionReport;
  readonly turns: TurnQueue;
  readonly isTrusted: (address: string) => boolean;
  /** Length of one tick of the coarse clock that all timeouts are counted in. */
  readonly tickMs: number;
  readonly timeouts: ConnectionTimeouts;
}

/** The connections of this sandbox, and the one timer that watches them all. */
export class ConnectionTable implements ConnectionHost {
  readonly timeouts: ConnectionTimeouts;
  readonly idleWatch = new IdleWatch();
  readonly #options: ConnectionTableOptions;
  readonly #connections = new Map<Socket, ClientConnection>();
  readonly #timer: NodeJS.Timeout;
  #tick = 0;
  #isDraining = false;

  constructor(options: ConnectionTableOptions) {
    this.#options = options;
    this.timeouts = options.timeouts;
    this.#timer = setInterval(() => this.#onTick(), options.tickMs);
    this.#timer.unref();
  }

  get size(): number {
    return this.#connections.size;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  currentTick(): number {
    return this.#tick;
  }

  /** Registers a socket that the HTTP server has just taken over. */
  add(message: SocketMessage, socket: Socket, onHeadTimeout: () => void): void {
    const { socketId: id, mustSpeakWithinMs } = message;
    const { isTrusted, tickMs, timeouts } = this.#options;
    const firstByteTicks =
      mustSpeakWithinMs === undefined
        ? timeouts.keepAlive
        : // One more, because the current tick has begun already.
          Math.ceil(mustSpeakWithinMs / tickMs) + 1;
    const options = { id, socket, isTrusted, onHeadTimeout, firstByteTicks };
    this.#connections.set(socket, new ClientConnection(this, options));
  }

  /** Gives back a socket that has not been read from. */
  refuse(id: number, socket: Socket): void {
    socket.destroy();
    this.#options.report.add(id, connectionStates.released);
    this.#options.turns.schedule();
  }

  find(socket: Socket): ClientConnection | undefined {
    return this.#connections.get(socket);
  }

  /** From now on every connection is given back as soon as it is idle. */
  drain(): void {
    this.#isDraining = true;
    for (const connection of this.#connections.values()) connection.release();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.idleWatch.stop();
    for (const connection of this.#connections.values()) connection.destroy();
  }

  report(connection: ClientConnection, state: ConnectionState): void {
    this.#options.report.add(connection.id, state);
    this.#options.turns.schedule();
  }

  enqueue(exchange: HttpExchange): void {
    this.#options.turns.push(exchange);
  }

  forget(connection: ClientConnection): void {
    this.#connections.delete(connection.socket);
  }

  #onTick(): void {
    this.#tick += 1;
    for (const connection of this.#connections.values()) connection.checkTimeouts();
  }
}

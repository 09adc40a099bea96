import type { Socket } from 'node:net';

/** One client connection, of which the runner keeps a copy it never reads. */
export interface Connection<Owner> {
  readonly id: number;
  readonly socket: Socket;
  /** Who reads it now; undefined while it waits for a sandbox. */
  owner: Owner | undefined;
  isBusy: boolean;
  /** When it was handed over or became idle; `performance.now()`. */
  quietSince: number;
  /** A request may have been read from it that nobody will answer. */
  isDoubtful: boolean;
}

const maxId = 0xffff_ffff;

/** Which connection is with whom, and whether a request is running on it. */
export class ConnectionTable<Owner> {
  readonly #connections = new Map<number, Connection<Owner>>();
  #lastId = 0;

  get size(): number {
    return this.#connections.size;
  }

  /** Takes a connection in; it is forgotten when its socket closes. */
  add(socket: Socket): Connection<Owner> {
    const connection = {
      id: this.#nextId(),
      socket,
      owner: undefined,
      isBusy: false,
      quietSince: 0,
      isDoubtful: false,
    };
    this.#connections.set(connection.id, connection);
    socket.once('close', () => this.#connections.delete(connection.id));
    return connection;
  }

  /** The connection if it is with that owner: nobody can speak about those of others. */
  get(id: number, owner: Owner): Connection<Owner> | undefined {
    const connection = this.#connections.get(id);
    return connection?.owner === owner ? connection : undefined;
  }

  ownedBy(owner: Owner | undefined): Connection<Owner>[] {
    return [...this.#connections.values()].filter((connection) => connection.owner === owner);
  }

  [Symbol.iterator](): Iterator<Connection<Owner>> {
    return this.#connections.values();
  }

  #nextId(): number {
    do this.#lastId = this.#lastId === maxId ? 1 : this.#lastId + 1;
    while (this.#connections.has(this.#lastId));
    return this.#lastId;
  }
}

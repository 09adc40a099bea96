import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Secret } from '@openworkers/core';

/**
 * A way to a real PostgreSQL that can be cut and mended: what a runner sees when the server or the
 * network goes down.
 */
export class DatabaseLink {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(target: Secret) {
    this.#target = new URL(target.reveal());
  }

  /** The connection string that leads over this link. */
  get connectionString(): Secret {
    const url = new URL(this.#target);
    url.search = '';
    url.host = `127.0.0.1:${this.#port}`;
    return new Secret(url.href);
  }

  async mend(): Promise<void> {
    const server = createServer((socket) => this.#join(socket));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    // A listening TCP server has an address with a port.
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(socket: Socket): void {
    const folder = this.#target.searchParams.get('host');
    const port = this.#target.port === '' ? '5432' : this.#target.port;
    const other =
      folder === null
        ? connect(Number(port), this.#target.hostname)
        : connect(`${folder}/.s.PGSQL.${port}`);
    for (const end of [socket, other]) {
      this.#sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => this.#sockets.delete(end));
    }
    socket.pipe(other).pipe(socket);
    socket.on('close', () => other.destroy());
    other.on('close', () => socket.destroy());
  }
}

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Exchange, Reply } from './exchange.ts';
import { findHandler } from './handlers.ts';
import { readRequest } from './read-request.ts';
import { serveFile, type FileSite } from './serve-file.ts';
import { SocketReader } from './socket-reader.ts';
import { Stash } from './stash.ts';
import { writeReply } from './write-reply.ts';

/** What the tests' own server (wptserve) does for them, as far as they need it here. */
export interface TestServer {
  /** Origin that tests believe to be loaded from, on the loopback interface. */
  readonly origin: string;
  /** Fills in `{{host}}`, `{{ports[http][0]}}` and so on. */
  readonly substitute: (source: string) => string;
  stop(): Promise<void>;
}

const host = 'localhost';

/** Listens on two random ports of the loopback interface: the second is another origin. */
export async function startTestServer(checkout: string): Promise<TestServer> {
  const values: Record<string, string> = {};
  const substitute = (source: string): string =>
    source.replaceAll(/\{\{([^}]+)\}\}/g, (text, name: string) => values[name.trim()] ?? text);
  const stash = new Stash();
  const servers = [
    new OriginServer({ checkout, substitute }, stash),
    new OriginServer({ checkout, substitute }, stash),
  ];
  const [first, second] = await Promise.all(servers.map((server) => server.listen()));
  const origin = `http://${host}:${first}`;
  Object.assign(values, {
    host,
    'hosts[][]': host,
    'hosts[alt][]': '127.0.0.1',
    'location[host]': `${host}:${first}`,
    'location[server]': origin,
    'ports[http][0]': String(first),
    'ports[http][1]': String(second),
    // Not served: tests over TLS see a refused connection.
    'ports[https][0]': '1',
    'ports[https][1]': '1',
    'ports[ws][0]': String(first),
  });
  return {
    origin,
    substitute,
    stop: async () => {
      for (const server of servers) await server.stop();
    },
  };
}

/** One port, and the connections to it. */
class OriginServer {
  readonly #site: FileSite;
  readonly #stash: Stash;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(site: FileSite, stash: Stash) {
    this.#site = site;
    this.#stash = stash;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  listen(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#server.once('error', reject);
    // A listening TCP server has an address with a port.
    this.#server.listen(0, host, () => resolve((this.#server.address() as AddressInfo).port));
    return promise;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // A client may go at any time.
    socket.on('error', () => socket.destroy());
    void this.#serve(socket).catch(() => socket.destroy());
  }

  async #serve(socket: Socket): Promise<void> {
    const connection = { socket, reader: new SocketReader(socket), stash: this.#stash };
    for (;;) {
      const exchange = await readRequest(connection);
      if (exchange === undefined) break;
      const reply = await this.#answer(exchange);
      // What was not read would be taken for the next request.
      await exchange.body();
      if (!(await writeReply(socket, exchange.method, reply))) return;
    }
    socket.end();
  }

  async #answer(exchange: Exchange): Promise<Reply> {
    const handler = findHandler(exchange.path);
    if (handler === undefined) return serveFile(this.#site, exchange);
    try {
      return await handler(exchange);
    } catch (error) {
      return { status: 500, statusText: 'Error', body: String(error) };
    }
  }
}

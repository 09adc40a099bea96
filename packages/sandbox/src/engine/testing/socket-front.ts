import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { switchingProtocols } from '../../http/switching-protocols.ts';
import { SocketClient } from '../../testing/socket-client.ts';
import type { TestAnswer, TestEngine } from './test-engine.ts';

/** Gives the workers of a test engine clients on real connections. */
export class SocketFront {
  /** What became of the events, in the order of their ends. */
  readonly answers: TestAnswer[] = [];
  /** The server's ends of the connections. */
  readonly connections: Socket[] = [];
  readonly #engine: TestEngine;
  readonly #clients: SocketClient[] = [];
  readonly #server: Server;

  private constructor(engine: TestEngine) {
    this.#engine = engine;
    this.#server = createServer();
    this.#server.on('upgrade', (request, socket: Socket) => this.#onUpgrade(request, socket));
  }

  static async start(engine: TestEngine): Promise<SocketFront> {
    const front = new SocketFront(engine);
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get port(): number {
    // A listening TCP server has an address with a port.
    return (this.#server.address() as AddressInfo).port;
  }

  connect(worker: string, path = '/'): SocketClient {
    const client = new SocketClient(this.port, worker, { path });
    this.#clients.push(client);
    return client;
  }

  stop(): void {
    for (const { socket } of this.#clients) socket.terminate();
    for (const socket of this.connections) socket.destroy();
    this.#server.close();
  }

  #onUpgrade(request: IncomingMessage, socket: Socket): void {
    this.connections.push(socket);
    socket.on('error', () => undefined);
    const connection = (): Duplex => {
      const key = request.headers['sec-websocket-key'] ?? '';
      socket.write(switchingProtocols(key, { pairs: [], requestId: 'test' }));
      return socket;
    };
    const worker = request.headers.host ?? '';
    const url = `http://${worker}.localhost${request.url ?? '/'}`;
    void this.#engine.fetch(worker, { url, connection }).then((answer) => {
      this.answers.push(answer);
      if (answer.failure !== undefined && !socket.destroyed) {
        socket.end('HTTP/1.1 500 Failed\r\ncontent-length: 0\r\n\r\n');
      }
    });
  }
}

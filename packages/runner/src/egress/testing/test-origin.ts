import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  body: () => Promise<Buffer>,
) => Promise<void> | void;

/** A server on a loopback address, as an origin that workers fetch from. */
export class TestOrigin {
  readonly requests: IncomingMessage[] = [];
  /** Requests whose connection is still open and whose answer is not complete. */
  busy = 0;
  readonly #server = createServer((request, response) => this.#handle(request, response));
  readonly #paths = new Map<string, Handler>();

  /** Listens, and gives the port. */
  listen(): Promise<number> {
    return new Promise((resolve) => {
      // A listening TCP server has an address with a port.
      this.#server.listen(0, '127.0.0.1', () => resolve(this.port));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  on(path: string, handler: Handler): void {
    this.#paths.set(path, handler);
  }

  stop(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(request);
    this.busy += 1;
    response.on('close', () => (this.busy -= 1)).on('error', () => undefined);
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const handler = this.#paths.get(path);
    if (handler === undefined) {
      response.writeHead(404).end();
      return;
    }
    void handler(request, response, () => readAll(request));
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  // Whoever breaks off has sent what there is.
  await new Promise<void>((resolve) => request.on('close', resolve).on('error', () => undefined));
  return Buffer.concat(pieces);
}

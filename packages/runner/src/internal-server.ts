import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { listenError } from './port-probe.ts';

/** What `/readyz` says; ready means that every part is true. */
export interface Readiness {
  /** Whether PostgreSQL answered last time. */
  readonly database: boolean;
  /** Whether a sandbox takes requests. */
  readonly sandbox: boolean;
}

export interface InternalServerOptions {
  readonly port: number;
  readonly readiness: () => Promise<Readiness>;
}

/** For the operator and health checks; on loopback only. */
export class InternalServer {
  readonly #port: number;
  readonly #server: Server;

  constructor({ port, readiness }: InternalServerOptions) {
    this.#port = port;
    this.#server = createServer((request, response) => {
      void answer(request.url ?? '/', response, readiness);
    });
  }

  /** @throws AppError `invalid_config` naming `OW_INTERNAL_PORT` */
  async start(): Promise<void> {
    const address = { host: '127.0.0.1', port: this.#port };
    try {
      this.#server.listen({ ...address, exclusive: true });
      await once(this.#server, 'listening');
    } catch (error) {
      throw listenError(error, { setting: 'OW_INTERNAL_PORT', ...address });
    }
  }

  /** The port in use; undefined before `start`. */
  get port(): number | undefined {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? undefined : address.port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function answer(
  url: string,
  response: ServerResponse,
  readiness: () => Promise<Readiness>,
): Promise<void> {
  const path = url.split('?', 1)[0];
  if (path === '/healthz') {
    sendJson(response, 200, { status: 'ok' });
  } else if (path === '/readyz') {
    const parts = await readiness();
    const isReady = parts.database && parts.sandbox;
    sendJson(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', ...parts });
  } else {
    sendJson(response, 404, { error: 'there is only /healthz and /readyz', code: 'bad_request' });
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

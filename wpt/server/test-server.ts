import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handlers } from './handlers.ts';
import { serveFile } from './serve-file.ts';

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
  const servers = [await listen(checkout), await listen(checkout)];
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const origin = `http://${host}:${ports[0]}`;
  const values: Readonly<Record<string, string>> = {
    host,
    'hosts[][]': host,
    'hosts[alt][]': '127.0.0.1',
    'location[host]': `${host}:${ports[0]}`,
    'location[server]': origin,
    'ports[http][0]': String(ports[0]),
    'ports[http][1]': String(ports[1]),
    // Not served: tests over TLS see a refused connection.
    'ports[https][0]': '1',
    'ports[https][1]': '1',
    'ports[ws][0]': String(ports[0]),
  };
  return {
    origin,
    substitute: (source) =>
      source.replaceAll(/\{\{([^}]+)\}\}/g, (text, name: string) => values[name.trim()] ?? text),
    stop: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

function listen(checkout: string): Promise<Server> {
  const server = createServer((request, response) => {
    answer(checkout, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  server.once('error', reject);
  server.listen(0, host, () => resolve(server));
  return promise;
}

async function answer(
  checkout: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? host}`);
  const handler = handlers[url.pathname];
  if (handler === undefined) serveFile({ checkout, url, response });
  else await handler({ checkout, url, request, response });
}

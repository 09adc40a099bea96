import { once } from 'node:events';
import { createServer } from 'node:net';
import { AppError } from '@openworkers/core';

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Makes sure before anything is started that nobody listens there. Binding without `reusePort`
 * fails beside any listener, also beside runners of another platform, which share their port.
 *
 * @throws AppError `invalid_config` naming the setting
 */
export async function assertPortFree(setting: string, address: Address): Promise<void> {
  if (address.port !== 0) await bind(setting, address);
}

/** A free port, when the operating system is to choose one that several runners share. */
export function choosePort(host: string): Promise<number> {
  return bind('OW_PORT', { host, port: 0 });
}

async function bind(setting: string, { host, port }: Address): Promise<number> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    throw explain(error, setting, { host, port });
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : port;
}

function explain(error: unknown, setting: string, { host, port }: Address): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const text = {
    EADDRINUSE: `${setting}: port ${port} on ${host} is already in use; choose another one: ${setting}=${port + 1} npm start`,
    EACCES: `${setting}: port ${port} needs more privileges; choose one above 1023`,
    EADDRNOTAVAIL: `OW_HOST: this machine has no address ${host}`,
    ENOTFOUND: `OW_HOST: this machine has no address ${host}`,
  }[String(code)];
  return text === undefined ? error : new AppError('invalid_config', text, { cause: error });
}

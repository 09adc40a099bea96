import { once } from 'node:events';
import { createServer } from 'node:net';
import { AppError } from '@openworkers/core';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Makes sure that nobody listens on the address. Runners listen with `reusePort`, so without this
 * check a second platform would silently take half of the connections.
 *
 * @throws AppError `invalid_config` naming `OW_PORT` or `OW_HOST`
 */
export async function assertPortFree({ host, port }: ListenAddress): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  try {
    // An exclusive bind fails beside any listener, with or without `reusePort`.
    probe.listen({ host, port, exclusive: true });
    await once(probe, 'listening');
  } catch (error) {
    throw listenError(error, { setting: 'OW_PORT', host, port });
  }
  probe.close();
  await once(probe, 'close');
}

/** A failed `listen`, as one line that names the setting to change. */
export function listenError(
  error: unknown,
  { setting, host, port }: ListenAddress & { setting: string },
): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const problem = (text: string): AppError =>
    new AppError('invalid_config', text, { cause: error });
  switch (code) {
    case 'EADDRINUSE':
      return problem(`${setting}: port ${port} on ${host} is already in use; choose another port`);
    case 'EACCES':
      return problem(`${setting}: port ${port} may not be used without more privileges`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return problem(`OW_HOST: this machine has no address ${host}`);
    default:
      return error;
  }
}

import { AppError, type Secret } from '@openworkers/core';

/** Where a tenant's own server is, and how to log in. */
export interface ServerLogin {
  /** As `URL.hostname` has it. */
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /**
   * `verify`: encrypted, by a certificate that is valid for the name; `encrypt`: whatever the
   * certificate; `disable`: in clear.
   */
  readonly tls: 'verify' | 'encrypt' | 'disable';
}

const modes: Readonly<Record<string, ServerLogin['tls']>> = {
  disable: 'disable',
  // As `pg` has it, and unlike libpq: encrypted to somebody unknown is of little use.
  require: 'verify',
  'no-verify': 'encrypt',
  'verify-ca': 'verify',
  'verify-full': 'verify',
};

/** Parameters that change nothing here. */
const ignored = new Set(['channel_binding', 'application_name', 'connect_timeout', 'pgbouncer']);

/**
 * Reads a connection string of a tenant. Nothing but a host name, a port and a login comes out of it:
 * no socket path, no file name, no option for the server.
 *
 * @throws AppError `invalid_input`
 */
export function parseConnectionString(connectionString: Secret): ServerLogin {
  const url = URL.parse(connectionString.reveal());
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) refuse('is not a postgres:// URL');
  if (url.hostname === '' || url.hostname.includes('%')) refuse('names no host');
  const [database, ...rest] = url.pathname.slice(1).split('/');
  if (database === undefined || database === '' || rest.length > 0) refuse('names no database');
  if (url.username === '') refuse('names no user');
  for (const name of url.searchParams.keys()) {
    if (name !== 'sslmode' && !ignored.has(name)) refuse(`has the parameter "${name}"`);
  }
  const mode = url.searchParams.get('sslmode') ?? 'verify-full';
  const tls = Object.hasOwn(modes, mode) ? modes[mode] : undefined;
  if (tls === undefined) refuse(`has the sslmode "${mode}"; use ${Object.keys(modes).join(', ')}`);
  return {
    hostname: url.hostname.toLowerCase(),
    port: url.port === '' ? 5432 : Number(url.port),
    user: decode(url.username),
    password: decode(url.password),
    database: decode(database),
    tls,
  };
}

/** @throws AppError `invalid_input` */
export function checkConnectionString(connectionString: Secret): void {
  if (Buffer.byteLength(connectionString.reveal()) > 4096) refuse('has more than 4096 bytes');
  parseConnectionString(connectionString);
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    if (!decoded.includes('\0')) return decoded;
  } catch {
    // told below
  }
  return refuse('has characters that cannot be decoded');
}

function refuse(why: string): never {
  throw new AppError('invalid_input', `the connection string ${why}`);
}

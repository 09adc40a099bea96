import { Socket } from 'node:net';
import { messageOf, Secret } from '@openworkers/core';
import { parseConnectionString, resetPlatformLogin } from '@openworkers/db';
import { DatabaseError, type ClientConfig } from 'pg';
import { SqlFailure } from '../sql-failure.ts';
import { Session } from './session.ts';

export type AddressesOf = (hostname: string, port: number) => Promise<readonly string[]>;

const common = {
  application_name: 'openworkers',
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
} satisfies ClientConfig;

/** SQLSTATEs of a login that does not work: the password, or the login itself, was changed. */
const refusedLogins = new Set(['28P01', '28000']);

/** Connects to a database of this server as its own login. @throws SqlFailure */
export async function connectPlatform(
  server: Secret,
  login: { name: string; password: string },
): Promise<Session> {
  const url = new URL(server.reveal());
  url.username = login.name;
  url.password = login.password;
  url.pathname = `/${login.name}`;
  const connect = (): Promise<Session> =>
    Session.connect({ ...common, connectionString: url.href });
  try {
    return await connect().catch(async (error: unknown) => {
      if (!(error instanceof DatabaseError) || !refusedLogins.has(error.code ?? '')) throw error;
      // A login may change its own password, by SQL; with that it only keeps itself out.
      await resetPlatformLogin(server, login);
      return connect();
    });
  } catch (error) {
    // What it says is about the platform's own server.
    const code = error instanceof DatabaseError ? error.code : undefined;
    const text =
      code === '53300'
        ? 'Too many connections to the database. Try again shortly'
        : 'The database cannot be reached now. Try again shortly';
    throw new SqlFailure(text, { code: code ?? '08001', cause: error });
  }
}

/** Connects to a tenant's own server. @throws SqlFailure */
export async function connectServer(text: string, addressesOf: AddressesOf): Promise<Session> {
  const login = parseConnectionString(new Secret(text));
  const { hostname, port, user, password, database, tls } = login;
  const [address] = await addressesOf(hostname, port).catch((error: unknown) => {
    throw new SqlFailure(messageOf(error), { code: '08001', cause: error });
  });
  // There is at least one. Names are resolved once: what was checked is what is connected to.
  const name = hostname.replace(/^\[|\]$/g, '');
  const isName = /[a-z]/.test(name) && !name.includes(':');
  try {
    return await Session.connect({
      ...common,
      host: address ?? '',
      port,
      user,
      database,
      // A function, so that no password file of the platform's is looked at.
      password: () => password,
      stream: () => new Socket(),
      ssl: tls !== 'disable' && {
        rejectUnauthorized: tls === 'verify',
        ...(isName ? { servername: name } : { host: name }),
      },
    });
  } catch (error) {
    const message = `The database server at ${hostname} did not let us in: ${messageOf(error)}`;
    throw new SqlFailure(message, { code: '08001', cause: error });
  }
}

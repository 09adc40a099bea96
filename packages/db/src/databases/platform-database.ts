import type { Secret } from '@openworkers/core';
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import { withAdminClient } from '../admin-client.ts';
import { withDatabase } from '../connection-options.ts';
import { scramVerifier } from '../scram-verifier.ts';

/** Sessions of one tenant's login on the server, over all runners. */
const connectionsPerDatabase = 20;

/**
 * Makes a database and its login, both with this name. The login may do what it likes in there, and
 * connect nowhere else; the database belongs to Postgate.
 *
 * @param server Login of Postgate.
 */
export async function makePlatformDatabase(
  server: Secret,
  { name, password }: { name: string; password: string },
): Promise<void> {
  const identifier = escapeIdentifier(name);
  await withAdminClient(server, async (client) => {
    await client.query(
      `create role ${identifier} login nosuperuser nocreatedb nocreaterole noinherit noreplication
        nobypassrls connection limit ${connectionsPerDatabase}
        password ${escapeLiteral(await scramVerifier(password))}`,
    );
    // So that Postgate can end the login's sessions.
    await client.query(`grant ${identifier} to current_user`);
    await client.query(`create database ${identifier} template template0`);
    await client.query(`revoke all on database ${identifier} from public`);
    await client.query(
      `grant connect, create, temporary on database ${identifier} to ${identifier}`,
    );
  });
  await withAdminClient(withDatabase(server, name), async (client) => {
    await client.query('revoke all on schema public from public');
    await client.query(`grant all on schema public to ${identifier}`);
  });
}

/** Drops a database with its login and whatever it is doing; fine when there is none. */
export async function dropPlatformDatabase(server: Secret, name: string): Promise<void> {
  const identifier = escapeIdentifier(name);
  await withAdminClient(server, async (client) => {
    if (await exists(client, 'select from pg_roles where rolname = $1', name)) {
      await client.query(`alter role ${identifier} nologin`);
    }
    await client.query(`drop database if exists ${identifier} with (force)`);
    await client.query(`drop role if exists ${identifier}`);
  });
}

/** Gives the login its password back: a tenant's SQL can change the one of its own login. */
export async function resetPlatformLogin(
  server: Secret,
  { name, password }: { name: string; password: string },
): Promise<void> {
  const verifier = escapeLiteral(await scramVerifier(password));
  await withAdminClient(server, (client) =>
    client.query(`alter role ${escapeIdentifier(name)} login password ${verifier}`),
  );
}

async function exists(client: Client, sql: string, name: string): Promise<boolean> {
  const { rowCount } = await client.query(sql, [name]);
  return rowCount !== 0;
}

import { Secret } from '@openworkers/core';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { withAdminClient } from '../admin-client.ts';
import { withDatabase } from '../connection-options.ts';
import type { RoleUrls } from '../role-file.ts';
import { templateName, testServerVariable, type TestServerAnswer } from './test-server.ts';

export { createTestSealer } from './test-sealer.ts';

export { serveTestDatabases, testServerVariable, type TestServer } from './test-server.ts';

export interface TestDatabase {
  /** Owner of the schema: a superuser, to whom row-level security does not apply. */
  owner: Secret;
  /** One login per part. */
  roles: RoleUrls;
  /** Closes what is still connected and removes the database. */
  drop(): Promise<void>;
}

/**
 * A fresh, migrated database (about 30 ms) on the test run's own server, which the first call
 * starts (about 2 s).
 */
export function createTestDatabase(): Promise<TestDatabase> {
  return createFrom(templateName);
}

/** Like `createTestDatabase`, without any table. */
export function createEmptyTestDatabase(): Promise<TestDatabase> {
  return createFrom('template1');
}

async function createFrom(template: string): Promise<TestDatabase> {
  const answer = await askServer();
  const name = `ow_test_${randomBytes(6).toString('hex')}`;
  const server = withDatabase(new Secret(answer.owner), 'postgres');
  await withAdminClient(server, (client) =>
    client.query(`create database ${name} template ${template}`),
  );
  const copy = (url: string) => withDatabase(new Secret(url), name);
  const { runner, api, cli, postgate } = answer.roles;
  return {
    owner: copy(answer.owner),
    roles: {
      runner: copy(runner),
      api: copy(api),
      cli: copy(cli),
      postgate: copy(postgate),
    },
    drop: async () => {
      await withAdminClient(server, (client) =>
        client.query(`drop database if exists ${name} with (force)`),
      );
    },
  };
}

async function askServer(): Promise<Exclude<TestServerAnswer, { error: string }>> {
  const path = process.env[testServerVariable];
  if (path === undefined) {
    throw new Error(`${testServerVariable} is not set: run tests with scripts/test.ts`);
  }
  // The other side is our own server, which sends nothing else.
  const answer = JSON.parse(await text(connect(path))) as TestServerAnswer;
  if ('error' in answer) throw new Error(`no PostgreSQL for tests: ${answer.error}`);
  return answer;
}

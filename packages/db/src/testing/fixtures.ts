import { createDatabase, type Database, type Queries } from '../database.ts';
import { createUser, type User } from '../users/queries.ts';
import { createWorker, type Worker } from '../workers/queries.ts';
import { createTestDatabase, type TestDatabase } from './index.ts';

export interface OpenTestDatabase extends TestDatabase {
  /** Pool of the owner. */
  database: Database;
  queries: Queries;
}

/** A fresh database with a pool of its owner; `drop` closes the pool too. */
export async function openTestDatabase(): Promise<OpenTestDatabase> {
  const test = await createTestDatabase();
  const database = createDatabase({
    connectionString: test.owner,
    applicationName: 'test',
    maxConnections: 5,
  });
  return {
    ...test,
    database,
    queries: database.queries,
    drop: async () => {
      await database.close();
      await test.drop();
    },
  };
}

/** A new user with a worker of the given name. */
export async function createUserWithWorker(
  queries: Queries,
  name: string,
): Promise<{ user: User; worker: Worker }> {
  const user = await createUser(queries, { username: `owner-of-${name}` });
  const { tenantId, id: actorId } = user;
  return { user, worker: await createWorker(queries, { tenantId, actorId, name }) };
}

/** UTF-8 bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

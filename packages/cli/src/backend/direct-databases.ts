import { Secret } from '@openworkers/core';
import {
  createPlatformDatabase,
  createPostgresDatabase,
  deleteDatabase,
  findDatabase,
  listDatabases,
  type Actor,
  type Queries,
  type Sealer,
  type SqlDatabase,
} from '@openworkers/db';
import type { DatabaseResource, DatabasesBackend, NewDatabase } from './databases-backend.ts';

export interface DirectDatabasesOptions {
  readonly queries: Queries;
  readonly actor: Actor;
  readonly sealer: Sealer;
  /** Login that may make and drop databases. @throws CliError when it is not at hand */
  readonly findServer: () => Promise<Secret>;
}

/** SQL databases, straight on the server. */
export class DirectDatabases implements DatabasesBackend {
  readonly #options: DirectDatabasesOptions;

  constructor(options: DirectDatabasesOptions) {
    this.#options = options;
  }

  async list(): Promise<DatabaseResource[]> {
    const { queries, actor } = this.#options;
    return (await listDatabases(queries, actor.tenantId)).map(toResource);
  }

  async find(idOrName: string): Promise<DatabaseResource | undefined> {
    const { queries, actor } = this.#options;
    const found = await findDatabase(queries, { tenantId: actor.tenantId, idOrName });
    return found && toResource(found);
  }

  async create({
    description,
    connectionString,
    ...input
  }: NewDatabase): Promise<DatabaseResource> {
    const { queries, actor, sealer, findServer } = this.#options;
    const wanted = {
      ...actor,
      ...input,
      ...(description !== undefined && { desc: description }),
    };
    if (connectionString === undefined) {
      const server = await findServer();
      return toResource(await createPlatformDatabase({ queries, server, sealer }, wanted));
    }
    const own = { ...wanted, connectionString: new Secret(connectionString) };
    return toResource(await createPostgresDatabase({ queries, sealer }, own));
  }

  async delete({ id }: DatabaseResource): Promise<boolean> {
    const { queries, actor, findServer } = this.#options;
    const server = await findServer();
    return deleteDatabase({ queries, server }, { ...actor, databaseId: id });
  }
}

function toResource(database: SqlDatabase): DatabaseResource {
  const { id, name, desc = null, provider, maxRows, timeoutSeconds } = database;
  const { createdAt, updatedAt } = database;
  return {
    id,
    name,
    desc,
    provider,
    maxRows,
    timeoutSeconds,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

import { readFileSync } from 'node:fs';
import { Secret, type WorkerLimits } from '@openworkers/core';
import {
  createDatabase,
  createWorker,
  deployVersion,
  findUserByUsername,
  limitColumnOf,
  type Queries,
} from '@openworkers/db';
import type { Platform } from './platform.ts';

/** A platform's database, past every check that `ow workers deploy` makes. */
export interface DirectDeploy {
  /** Creates a worker with exactly this code; resolves with its id. */
  deploy(name: string, source: string, limits?: Partial<WorkerLimits>): Promise<string>;
  /** The same, linked to an environment of its own with these variables. */
  deployWithEnv(name: string, source: string, values: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

/** What `ow start` writes for its own command line. */
interface LocalAlias {
  readonly database_url: string;
  readonly user: string;
}

/** Logs in as the platform's own command line does. */
export async function openDirectDeploy(platform: Platform): Promise<DirectDeploy> {
  const config: unknown = JSON.parse(readFileSync(platform.env['OW_CONFIG'] ?? '', 'utf8'));
  // The platform under test wrote this file a moment ago.
  const alias = (config as { aliases: { local: LocalAlias } }).aliases.local;
  const database = createDatabase({
    connectionString: new Secret(alias.database_url),
    applicationName: 'ow-e2e',
    maxConnections: 2,
  });
  const { queries } = database;
  const user = await findUserByUsername(queries, alias.user);
  if (user === undefined) throw new Error(`there is no user ${alias.user}`);
  const { tenantId, id: actorId } = user;
  const store = async (workerId: string, source: string): Promise<void> => {
    const code = Buffer.from(source);
    await deployVersion(queries, { tenantId, workerId, actorId, codeType: 'javascript', code });
  };
  return {
    close: () => database.close(),
    async deploy(name, source, limits = {}) {
      const { id } = await createWorker(queries, { tenantId, actorId, name });
      await setLimits(queries, { workerId: id, tenantId, limits });
      await store(id, source);
      return id;
    },
    async deployWithEnv(name, source, values) {
      const { id } = await createWorker(queries, { tenantId, actorId, name });
      await linkEnvironment(queries, { workerId: id, tenantId, values });
      await store(id, source);
      return id;
    },
  };
}

async function setLimits(
  queries: Queries,
  options: { workerId: string; tenantId: string; limits: Partial<WorkerLimits> },
): Promise<void> {
  const columns = Object.entries(options.limits).map(([key, value]) => [
    // The keys are those of the limits table.
    limitColumnOf[key as keyof WorkerLimits],
    value,
  ]);
  if (columns.length === 0) return;
  await queries
    .insertInto('worker_limits')
    .values({
      worker_id: options.workerId,
      tenant_id: options.tenantId,
      ...Object.fromEntries(columns),
    })
    .execute();
}

async function linkEnvironment(
  queries: Queries,
  options: { workerId: string; tenantId: string; values: Record<string, string> },
): Promise<void> {
  const { workerId, tenantId, values } = options;
  const { id } = await queries
    .insertInto('environments')
    .values({ tenant_id: tenantId, name: `of ${workerId}` })
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const [key, value] of Object.entries(values)) {
    await queries
      .insertInto('environment_values')
      .values({ environment_id: id, tenant_id: tenantId, key, type: 'var', value })
      .execute();
  }
  await queries
    .updateTable('workers')
    .set({ environment_id: id })
    .where('id', '=', workerId)
    .execute();
}

import {
  createDatabase,
  createEnvironment,
  createUser,
  createWorker,
  deleteWorker,
  deployVersion,
  linkEnvironment,
  type Database,
  type Queries,
  type User,
} from '@openworkers/db';
import { createTestDatabase, type TestDatabase } from '@openworkers/db/testing';

/** A database with one user, and short ways to put workers into it. */
export interface TestWorkers {
  readonly test: TestDatabase;
  /** Logged in as the owner: may do everything. */
  readonly owner: Database;
  /** Logged in as runners are. */
  readonly runner: Database;
  readonly user: User;
  create(name: string): Promise<string>;
  /** Deploys code to a worker and returns the version. */
  deploy(workerId: string, code: string, sourceMap?: string): Promise<number>;
  remove(workerId: string): Promise<void>;
  setCpuLimit(workerId: string, cpuMs: number): Promise<void>;
  createEnvironment(values: Readonly<Record<string, string>>): Promise<string>;
  setValue(environmentId: string, key: string, value: string): Promise<void>;
  link(workerId: string, environmentId: string): Promise<void>;
  /** A worker with this code and an environment of its own, where `bind` puts things. */
  deployBound(name: string, code: string, bind: Bind): Promise<string>;
  addDomain(workerId: string, name: string, options: { isVerified: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Fills an environment. */
type Bind = (target: {
  queries: Queries;
  environmentId: string;
  tenantId: string;
  actorId: string;
}) => Promise<unknown>;

export async function openTestWorkers(): Promise<TestWorkers> {
  const test = await createTestDatabase();
  const owner = createDatabase({ connectionString: test.owner, applicationName: 'test' });
  const runner = createDatabase({
    connectionString: test.roles.runner,
    applicationName: 'test-runner',
    connectTimeoutMs: 2_000,
  });
  const { queries } = owner;
  const user = await createUser(queries, { username: 'somebody' });
  const { tenantId, id: actorId } = user;
  const setValue = async (environmentId: string, key: string, value: string): Promise<void> => {
    await queries
      .insertInto('environment_values')
      .values({ environment_id: environmentId, tenant_id: tenantId, key, type: 'var', value })
      .onConflict((conflict) => conflict.columns(['environment_id', 'key']).doUpdateSet({ value }))
      .execute();
  };
  return {
    test,
    owner,
    runner,
    user,
    setValue,
    create: async (name) => (await createWorker(queries, { tenantId, actorId, name })).id,
    deploy: async (workerId, code, sourceMap) => {
      const { version } = await deployVersion(queries, {
        tenantId,
        actorId,
        workerId,
        codeType: 'javascript',
        code: Buffer.from(code),
        ...(sourceMap === undefined ? {} : { sourceMap: Buffer.from(sourceMap) }),
      });
      return version;
    },
    remove: async (workerId) => {
      await deleteWorker(queries, { tenantId, actorId, workerId });
    },
    setCpuLimit: async (workerId, cpuMs) => {
      await queries
        .insertInto('worker_limits')
        .values({ worker_id: workerId, tenant_id: tenantId, cpu_ms: cpuMs })
        .onConflict((conflict) => conflict.column('worker_id').doUpdateSet({ cpu_ms: cpuMs }))
        .execute();
    },
    createEnvironment: async (values) => {
      const { id } = await queries
        .insertInto('environments')
        .values({ tenant_id: tenantId, name: 'values' })
        .returning('id')
        .executeTakeFirstOrThrow();
      for (const [key, value] of Object.entries(values)) await setValue(id, key, value);
      return id;
    },
    link: async (workerId, environmentId) => {
      await queries
        .updateTable('workers')
        .set({ environment_id: environmentId })
        .where('id', '=', workerId)
        .execute();
    },
    deployBound: async (name, code, bind) => {
      const { id } = await createWorker(queries, { tenantId, actorId, name });
      const environment = await createEnvironment(queries, { tenantId, actorId, name });
      const environmentId = environment.id;
      await bind({ queries, environmentId, tenantId, actorId });
      await linkEnvironment(queries, { tenantId, actorId, workerId: id, environmentId });
      const worker = { tenantId, actorId, workerId: id, codeType: 'javascript' as const };
      await deployVersion(queries, { ...worker, code: Buffer.from(code) });
      return id;
    },
    addDomain: async (workerId, name, { isVerified }) => {
      await queries
        .insertInto('domains')
        .values({
          name,
          tenant_id: tenantId,
          worker_id: workerId,
          verified_at: isVerified ? new Date() : null,
        })
        .execute();
    },
    close: async () => {
      await runner.close();
      await owner.close();
      await test.drop();
    },
  };
}

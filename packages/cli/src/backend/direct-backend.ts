import type { EnvKey } from '@openworkers/build';
import { AppError, loadConfig, Secret } from '@openworkers/core';
import {
  createDatabase,
  createWorker,
  deleteWorker,
  deployVersion,
  findUserByUsername,
  findWorker,
  linkEnvironment,
  listValues,
  listWorkers,
  loadMasterKeys,
  readRoleUrls,
  Sealer,
  type Actor,
  type Database,
  type Queries,
  type User,
  type Worker,
} from '@openworkers/db';
import { CliError } from '../cli-error.ts';
import type { DbAlias } from '../config-file/parse-config.ts';
import { programName } from '../program-name.ts';
import type { Backend, DeployedResource, DeployInput, WorkerResource } from './backend.ts';
import { DirectDatabases } from './direct-databases.ts';
import { DirectEnvironments } from './direct-environments.ts';
import { DirectKv } from './direct-kv.ts';
import { DirectStorage } from './direct-storage.ts';
import { workerUrl, type WorkerHosts } from './worker-url.ts';

interface DirectOptions {
  readonly name: string;
  readonly alias: DbAlias;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Talks straight to PostgreSQL, as the user the alias names: works while the platform is down.
 *
 * @throws CliError when the alias names no user, AppError `user_not_found`, `database_unavailable`
 */
export async function openDirectBackend({ name, alias, env }: DirectOptions): Promise<Backend> {
  if (alias.user === undefined) {
    throw new CliError(`no user configured for the alias "${name}"`, {
      next: `${programName(env)} alias set ${name} --db URL --user USERNAME --force`,
    });
  }
  const database = createDatabase({
    connectionString: new Secret(alias.database_url),
    applicationName: 'ow-cli',
    maxConnections: 2,
  });
  try {
    const user = await findUserByUsername(database.queries, alias.user);
    if (user === undefined) {
      throw new AppError('user_not_found', `there is no user "${alias.user}" (alias "${name}")`);
    }
    const sealer = new Sealer({ load: () => loadAliasKeys(alias, env) });
    const findServer = (): Promise<Secret> => findPostgateLogin(alias, env);
    return new DirectBackend(database, { user, sealer, findServer, hosts: hostsOf(alias, env) });
  } catch (error) {
    await database.close();
    throw error;
  }
}

class DirectBackend implements Backend {
  readonly #queries: Queries;
  readonly #user: User;
  readonly #hosts: WorkerHosts;
  readonly #closeDatabase: () => Promise<void>;
  readonly environments: DirectEnvironments;
  readonly kv: DirectKv;
  readonly storage: DirectStorage;
  readonly databases: DirectDatabases;

  constructor(
    database: Database,
    options: {
      user: User;
      sealer: Sealer;
      findServer: () => Promise<Secret>;
      hosts: WorkerHosts;
    },
  ) {
    const { queries } = database;
    const { user, sealer, hosts, findServer } = options;
    this.#queries = queries;
    this.#closeDatabase = () => database.close();
    this.#user = user;
    this.#hosts = hosts;
    this.environments = new DirectEnvironments({ queries, actor: this.#actor, sealer });
    this.kv = new DirectKv(database, this.#actor);
    this.storage = new DirectStorage({ queries, actor: this.#actor, sealer });
    this.databases = new DirectDatabases({ queries, actor: this.#actor, sealer, findServer });
  }

  async listWorkers(): Promise<WorkerResource[]> {
    return (await listWorkers(this.#queries, this.#user.tenantId)).map(toResource);
  }

  async findWorker(nameOrId: string): Promise<WorkerResource | undefined> {
    const worker = await this.#find(nameOrId);
    return worker && toResource(worker);
  }

  async createWorker(input: { name: string; description?: string }): Promise<WorkerResource> {
    const worker = await createWorker(this.#queries, {
      ...this.#actor,
      name: input.name,
      ...(input.description !== undefined && { desc: input.description }),
    });
    return toResource(worker);
  }

  deleteWorker(worker: WorkerResource): Promise<boolean> {
    return deleteWorker(this.#queries, { ...this.#actor, workerId: worker.id });
  }

  async listEnvKeys(worker: WorkerResource): Promise<EnvKey[]> {
    if (worker.environment === null) return [];
    const { tenantId } = this.#user;
    return listValues(this.#queries, { tenantId, environmentId: worker.environment.id });
  }

  async linkWorker(worker: WorkerResource, environment: { id: string } | undefined): Promise<void> {
    const link = { workerId: worker.id, environmentId: environment?.id };
    await linkEnvironment(this.#queries, { ...this.#actor, ...link });
  }

  async deploy(worker: WorkerResource, input: DeployInput): Promise<DeployedResource> {
    const deployed = await deployVersion(this.#queries, {
      ...this.#actor,
      workerId: worker.id,
      codeType: input.codeType,
      code: Buffer.from(input.code),
      sourceMap: Buffer.from(input.sourceMap),
      ...(input.message !== undefined && { message: input.message }),
    });
    return {
      workerId: worker.id,
      version: deployed.version,
      hash: deployed.hash,
      codeType: input.codeType,
      deployedAt: deployed.deployedAt.toISOString(),
      message: input.message ?? null,
      sizeBytes: deployed.sizeBytes,
    };
  }

  workerUrl({ name }: WorkerResource): string | null {
    return name === null ? null : workerUrl(name, this.#hosts);
  }

  close(): Promise<void> {
    return this.#closeDatabase();
  }

  get #actor(): Actor {
    return { tenantId: this.#user.tenantId, actorId: this.#user.id };
  }

  #find(idOrName: string): Promise<Worker | undefined> {
    return findWorker(this.#queries, { tenantId: this.#user.tenantId, idOrName });
  }
}

/** The login that makes and drops databases is in the data folder, like the others. */
async function findPostgateLogin(alias: DbAlias, env: DirectOptions['env']): Promise<Secret> {
  const dataDir = alias.data_dir ?? loadConfig(env).dataDir;
  const roles = await readRoleUrls(dataDir);
  if (roles !== undefined) return roles.postgate;
  throw new CliError(`there is no database-roles.json in ${dataDir}, with a login for that`, {
    next: 'run it where the platform runs, or set OW_DATA_DIR to its data folder',
  });
}

/** The master keys of the platform behind the alias; read when a secret is written. */
function loadAliasKeys(alias: DbAlias, env: DirectOptions['env']): Promise<Secret[]> {
  const { dataDir, masterKey } = loadConfig(env);
  return loadMasterKeys({ dataDir: alias.data_dir ?? dataDir, given: masterKey });
}

function hostsOf(alias: DbAlias, env: DirectOptions['env']): WorkerHosts {
  const { public_url: publicUrl, base_domain: baseDomain } = alias;
  if (publicUrl !== undefined && baseDomain !== undefined && URL.canParse(publicUrl)) {
    return { publicUrl: new URL(publicUrl), baseDomain };
  }
  return loadConfig(env);
}

function toResource(worker: Worker): WorkerResource {
  return {
    id: worker.id,
    name: worker.name ?? null,
    desc: worker.desc ?? null,
    environment: worker.environment ?? null,
    currentVersion: worker.currentVersion ?? null,
    createdAt: worker.createdAt.toISOString(),
    updatedAt: worker.updatedAt.toISOString(),
  };
}

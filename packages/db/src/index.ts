export {
  createDatabase,
  type Database,
  type DatabaseOptions,
  type Queries,
  type Statement,
} from './database.ts';
export { lockDataDir, type DataDirLock } from './data-dir-lock.ts';
export {
  readEmbeddedUrl,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.ts';
export { parseConnectionString, type ServerLogin } from './databases/connection-string.ts';
export { resetPlatformLogin } from './databases/platform-database.ts';
export {
  createPlatformDatabase,
  createPostgresDatabase,
  deleteDatabase,
  type DatabaseInput,
  type Provisioner,
} from './databases/provision.ts';
export {
  databaseIdentity,
  findDatabase,
  findDatabaseConnection,
  listDatabases,
  type SqlDatabase,
  type SqlDatabaseConnection,
} from './databases/queries.ts';
export {
  createEnvironment,
  deleteEnvironment,
  findEnvironment,
  linkEnvironment,
  listEnvironments,
  listLinkedWorkers,
  type Actor,
  type Environment,
} from './environments/queries.ts';
export {
  bindResource,
  listValues,
  secretIdentity,
  setSecret,
  setVariable,
  unsetValue,
  type ListedValue,
  type ValueKey,
} from './environments/values.ts';
export {
  deleteKvEntries,
  getKvEntries,
  getKvEntry,
  listKvEntries,
  putKvEntry,
  sweepKvEntries,
  type KvEntry,
  type KvListItem,
  type KvListQuery,
  type KvScope,
} from './kv/entries.ts';
export {
  createKvNamespace,
  deleteKvNamespace,
  findKvNamespace,
  listKvNamespaces,
  type KvNamespace,
} from './kv/namespaces.ts';
export { findTablesWithoutPolicy, type PolicyProblem } from './find-tables-without-policy.ts';
export { listen, type Invalidation, type Listener, type ListenOptions } from './listen.ts';
export { migrate, type MigrateOptions, type MigrateResult } from './migrate.ts';
export {
  migrationStatus,
  type MigrationStatus,
  type MigrationStatusEntry,
} from './migration-status.ts';
export { readRoleUrls, type RoleUrls } from './role-file.ts';
export { ensureRoles, type EnsureRolesOptions } from './roles.ts';
export { limitColumnOf } from './routing/limit-overrides.ts';
export {
  findRouteByDomain,
  findRouteById,
  findRouteByName,
  findRouteVersion,
  loadEnvironment,
  loadVersion,
  type BindingShape,
  type BoundResource,
  type EnvironmentValue,
  type LoadedEnvironment,
  type LoadedVersion,
  type Route,
  type ServingVersion,
} from './routing/queries.ts';
export {
  createMasterKey,
  ensureMasterKeys,
  loadMasterKeys,
  writeMasterKeys,
  type MasterKeyOptions,
} from './sealing/master-keys.ts';
export { findForeignKeyIds } from './sealing/queries.ts';
export { resealAll } from './sealing/reseal.ts';
export { sealedFor, Sealer, type Sealed, type SealerOptions } from './sealing/sealer.ts';
export {
  createPlatformStorage,
  createS3Storage,
  deleteStorage,
  findStorage,
  listStorages,
  loadStorage,
  storageIdentity,
  updateStorage,
  type LoadedStorage,
  type S3Credentials,
  type Storage,
} from './storages/queries.ts';
export type { S3Location } from './storages/s3-location.ts';
export { createUser, ensureAdmin, findUserByUsername, type User } from './users/queries.ts';
export {
  deployVersion,
  findVersion,
  listVersions,
  type CodeType,
  type DeployedVersion,
  type DeployVersionInput,
  type Version,
} from './versions/queries.ts';
export { withTenant } from './with-tenant.ts';
export {
  createWorker,
  deleteWorker,
  findWorker,
  listWorkers,
  type CreateWorkerInput,
  type Worker,
} from './workers/queries.ts';

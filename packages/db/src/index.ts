export { createDatabase, type Database, type DatabaseOptions, type Queries } from './database.ts';
export { lockDataDir, type DataDirLock } from './data-dir-lock.ts';
export {
  readEmbeddedUrl,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.ts';
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
export {
  findRouteByDomain,
  findRouteByName,
  findRouteVersion,
  loadEnvironment,
  loadVersion,
  type EnvironmentValue,
  type LoadedEnvironment,
  type LoadedVersion,
  type Route,
  type ServingVersion,
} from './routing/queries.ts';
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

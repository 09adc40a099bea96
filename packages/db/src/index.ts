export { createDatabase, type Database, type DatabaseOptions, type Queries } from './database.ts';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.ts';
export { listen, type Listener, type ListenOptions } from './listen.ts';
export { migrate, type MigrateOptions, type MigrateResult } from './migrate.ts';
export {
  migrationStatus,
  type MigrationStatus,
  type MigrationStatusEntry,
} from './migration-status.ts';
export { ensureRoles, readRoleUrls, type RoleUrls } from './roles.ts';
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

import type { Logger, Secret } from '@openworkers/core';

/** A connection string for each part that logs in. */
export interface RoleUrls {
  /** Reads routes, versions and environments of everybody; writes nothing. */
  runner: Secret;
  /** Subject to row-level security: sees the tenant set with `withTenant`, else nothing. */
  api: Secret;
  /** Direct backend of `ow`: reads and writes every tenant's rows, changes no schema. */
  cli: Secret;
}

/**
 * Creates or updates this installation's login roles (`ow_runner_<id>` …; members of the group
 * roles `ow_runner`, `ow_api`, `ow_cli` that hold the grants) with generated passwords, kept in
 * `<dataDir>/database-roles.json` (mode 0600) together with the connection strings. Run it after
 * `migrate`, at every start.
 *
 * When the login behind `connectionString` may not create roles, every entry is that login itself
 * and a warning says so: parts are then not separated and row-level security does not hold, because
 * the login owns the tables.
 */
export declare function ensureRoles(options: {
  connectionString: Secret;
  dataDir: string;
  log: Logger;
}): Promise<RoleUrls>;

/** The connection strings that the last `ensureRoles` left in this data folder, if any. */
export declare function readRoleUrls(dataDir: string): Promise<RoleUrls | undefined>;

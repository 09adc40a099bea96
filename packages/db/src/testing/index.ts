import type { Secret } from '@openworkers/core';
import type { RoleUrls } from '../roles.ts';

export interface TestDatabase {
  /** Owner of the schema. */
  owner: Secret;
  /** One login per part. */
  roles: RoleUrls;
  /** Closes what is still connected and removes the database. */
  drop(): Promise<void>;
}

/** A fresh, migrated database on the test run's own server (started by the first call). */
export declare function createTestDatabase(): Promise<TestDatabase>;

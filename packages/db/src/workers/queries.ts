import type { Queries } from '../database.ts';

export interface Worker {
  id: string;
  tenantId: string;
  name: string;
  desc: string | undefined;
  environment: { id: string; name: string } | undefined;
  /** The version that serves (the one with the largest share), if any is deployed. */
  currentVersion: number | undefined;
  createdAt: Date;
  updatedAt: Date;
}

export interface CreateWorkerInput {
  tenantId: string;
  name: string;
  desc?: string;
  /** The user who does it, for the audit log. */
  actorId: string;
}

/** All workers of a tenant, newest first. */
export declare function listWorkers(queries: Queries, tenantId: string): Promise<Worker[]>;

/** One worker of the tenant by id or by name. */
export declare function findWorker(
  queries: Queries,
  key: { tenantId: string; idOrName: string },
): Promise<Worker | undefined>;

/**
 * Creates a worker without a version.
 *
 * @throws AppError `invalid_name`, `name_reserved`, `name_taken`
 */
export declare function createWorker(queries: Queries, input: CreateWorkerInput): Promise<Worker>;

/**
 * Deletes a worker with its versions and domains; false when the tenant has no such worker.
 *
 * @throws AppError `worker_in_use` when an environment binds it
 */
export declare function deleteWorker(
  queries: Queries,
  key: { tenantId: string; workerId: string; actorId: string },
): Promise<boolean>;

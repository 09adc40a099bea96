import type { CodeType, EnvKey } from '@openworkers/build';
import type { DatabasesBackend } from './databases-backend.ts';
import type { EnvironmentsBackend } from './environments-backend.ts';
import type { KvBackend } from './kv-backend.ts';
import type { StorageBackend } from './storage-backend.ts';

/**
 * What commands ask of a platform, in the words and shapes of the REST API: `--json` prints them
 * as they are. Workers are found by name or id.
 */
export interface Backend {
  /** Newest first. */
  listWorkers(): Promise<WorkerResource[]>;
  findWorker(nameOrId: string): Promise<WorkerResource | undefined>;
  /** @throws AppError `invalid_name`, `name_reserved`, `name_taken` */
  createWorker(input: { name: string; description?: string }): Promise<WorkerResource>;
  /** Whether there was one. */
  deleteWorker(worker: WorkerResource): Promise<boolean>;
  /** Keys of `env`, for the trial start before a deploy. */
  listEnvKeys(worker: WorkerResource): Promise<EnvKey[]>;
  /** Links a worker to an environment, or to none. */
  linkWorker(worker: WorkerResource, environment: { id: string } | undefined): Promise<void>;
  readonly environments: EnvironmentsBackend;
  readonly kv: KvBackend;
  readonly storage: StorageBackend;
  readonly databases: DatabasesBackend;
  /** Writes a version and lets it serve, or changes nothing. */
  deploy(worker: WorkerResource, input: DeployInput): Promise<DeployedResource>;
  /** Where the worker answers; null for one without a host of its own. */
  workerUrl(worker: WorkerResource): string | null;
  close(): Promise<void>;
}

export interface WorkerResource {
  readonly id: string;
  /** Null for a worker that only serves routes of a project. */
  readonly name: string | null;
  readonly desc: string | null;
  readonly environment: { readonly id: string; readonly name: string } | null;
  readonly currentVersion: number | null;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface DeployInput {
  readonly code: string;
  readonly codeType: CodeType;
  readonly sourceMap: string;
  readonly message?: string;
}

export interface DeployedResource {
  readonly workerId: string;
  readonly version: number;
  /** SHA-256 of the code, hex. */
  readonly hash: string;
  readonly codeType: CodeType;
  readonly deployedAt: string;
  readonly message: string | null;
  readonly sizeBytes: number;
}

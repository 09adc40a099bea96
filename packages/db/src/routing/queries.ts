import type { WorkerLimits } from '@openworkers/core';
import type { Queries } from '../database.ts';
import type { CodeType } from '../versions/queries.ts';

export interface ServingVersion {
  version: number;
  /** Share of requests, 1 to 100; the shares of a worker add up to 100. */
  percent: number;
}

/** What a host leads to. */
export interface Route {
  workerId: string;
  /** Name of the worker; undefined for one without a host of its own. */
  workerName: string | undefined;
  tenantId: string;
  /** Empty when nothing is deployed yet; highest version first. */
  serving: ServingVersion[];
  environmentId: string | undefined;
  /** Grows with every change of a value; 0 without an environment. */
  environmentRevision: number;
  /** The platform's defaults with the worker's own overrides. */
  limits: WorkerLimits;
  isSystem: boolean;
}

export interface LoadedVersion {
  workerId: string;
  tenantId: string;
  version: number;
  /** SHA-256 of the code, hex. */
  hash: string;
  codeType: CodeType;
  code: Uint8Array;
  sourceMap: Uint8Array | undefined;
}

/** One key of `env`. Secrets arrive sealed. */
export type EnvironmentValue =
  | { type: 'var'; key: string; value: string }
  | { type: 'secret'; key: string; ciphertext: Uint8Array; keyId: string }
  | { type: 'worker'; key: string; workerId: string };

export interface LoadedEnvironment {
  environmentId: string;
  tenantId: string;
  revision: number;
  values: EnvironmentValue[];
}

/** The worker of that name: the label before the base domain. */
export declare function findRouteByName(queries: Queries, name: string): Promise<Route | undefined>;

/** The worker behind a verified custom domain; `host` in lower case, without a port. */
export declare function findRouteByDomain(
  queries: Queries,
  host: string,
): Promise<Route | undefined>;

/** A preview: like `findRouteByName`, but `serving` is this version alone; undefined without it. */
export declare function findRouteVersion(
  queries: Queries,
  key: { name: string; version: number },
): Promise<Route | undefined>;

/** Code of one version; undefined when it was removed. */
export declare function loadVersion(
  queries: Queries,
  key: { workerId: string; version: number },
): Promise<LoadedVersion | undefined>;

/** Values of an environment, read in one snapshot with the revision. */
export declare function loadEnvironment(
  queries: Queries,
  environmentId: string,
): Promise<LoadedEnvironment | undefined>;

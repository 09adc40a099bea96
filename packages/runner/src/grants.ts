import type { WorkerLimits } from '@openworkers/core';
import type { VersionKey } from '@openworkers/sandbox';
import type { Route } from '@openworkers/db';
import { countedLru } from './weighted-lru.ts';

/** A worker version that a sandbox was told about, and may therefore ask for. */
export interface Grant {
  readonly tenantId: string;
  readonly workerId: string;
  readonly workerName: string;
  readonly version: number;
  readonly environmentId: string | undefined;
  readonly limits: WorkerLimits;
  readonly isSystem: boolean;
}

const maxGrants = 20_000;

/**
 * What one sandbox may ask for: exactly the versions that the runner's own answers named. A
 * compromised sandbox cannot fetch the code or values of a worker it has nothing to do with.
 */
export class Grants {
  readonly #grants = countedLru<string, Grant>(maxGrants);

  /** Every version that the route serves. */
  addRoute(route: Route): void {
    for (const { version } of route.serving) {
      this.add({
        tenantId: route.tenantId,
        workerId: route.workerId,
        workerName: route.workerName ?? route.workerId,
        version,
        environmentId: route.environmentId,
        limits: route.limits,
        isSystem: route.isSystem,
      });
    }
  }

  add(grant: Grant): void {
    this.#grants.set(keyOf(grant), grant);
  }

  find(key: VersionKey): Grant | undefined {
    return this.#grants.get(keyOf(key));
  }
}

function keyOf({
  workerId,
  version,
  environmentId,
}: Omit<VersionKey, 'environmentRevision'>): string {
  return `${workerId}:${version}:${environmentId ?? ''}`;
}

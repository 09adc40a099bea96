import { defaultSystemLimits, defaultTenantLimits, type WorkerLimits } from '@openworkers/core';
import { sql } from 'kysely';

/** Column of `worker_limits` for each key of the limits table. */
export const limitColumnOf = {
  cpuMs: 'cpu_ms',
  wallMs: 'wall_ms',
  memoryBytes: 'memory_bytes',
  concurrency: 'concurrency',
  openStreams: 'open_streams',
  requestBodyBytes: 'request_body_bytes',
  idleMs: 'idle_ms',
  waitUntilMs: 'wait_until_ms',
  startupCpuMs: 'startup_cpu_ms',
  timers: 'timers',
} as const satisfies Record<keyof WorkerLimits, string>;

/** A worker's own limits; null where the platform's apply. */
export type LimitOverrides = { [K in keyof WorkerLimits]: number | null };

// The keys are those of the table above.
const keys = Object.keys(limitColumnOf) as (keyof WorkerLimits)[];

/** Select list for `LimitOverrides`, with `worker_limits` as `l`. */
export const limitColumns = sql.join(
  keys.map((key) => sql`${sql.ref(`l.${limitColumnOf[key]}`)} as ${sql.ref(key)}`),
);

/** The platform's defaults with a worker's own overrides. */
export function mergeLimits(isSystem: boolean, overrides: LimitOverrides): WorkerLimits {
  const limits = isSystem ? defaultSystemLimits() : defaultTenantLimits();
  for (const key of keys) limits[key] = overrides[key] ?? limits[key];
  return limits;
}

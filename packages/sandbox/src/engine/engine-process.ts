/** The global that is V8's collector in a new context, see {@link prepareV8}. */
export const collectorName = 'self';

/**
 * Flags for the Node process that runs the engine, beside those of {@link prepareV8}: these take
 * effect only at the start of the process.
 *
 * - isolated-vm refuses to load when Node starts from its own snapshot.
 * - V8 keeps the pages of a disposed isolate for the others otherwise, and never gives them back:
 *   8 isolates of 37 MB left 290 MB behind for good, and 21 MB with the flag.
 * - Helper threads for young collections cost more in waking up than they save, with as many isolates
 *   running as there are cores (hello world: 18 000 requests/s with them, 21 000 without).
 */
export const engineNodeFlags = [
  '--no-node-snapshot',
  '--no-memory-pool-share-memory-on-teardown',
  '--no-parallel-scavenge',
  `--expose-gc-as=${collectorName}`,
] as const;

/**
 * Environment for that process, read by glibc at its start. Freed buffers go back to the system at
 * once: with glibc's moving thresholds a worker that filled its memory with buffers left 140 MB behind.
 */
export const engineEnvironment = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
} as const;

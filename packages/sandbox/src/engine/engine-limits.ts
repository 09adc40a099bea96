import { platformLimits } from '@openworkers/core/limits';

const KiB = 1024;
const MiB = 1024 * KiB;

/** Bytes of an unread response body that may wait outside the isolate. */
export const responseWindowBytes = 256 * KiB;
/** Isolates that run at the same time; see docs/architecture.md for the measurement. */
export const runningIsolates = 32;
/** Jobs on libuv's threads, of which there are four. */
export const hostJobsAtOnce = 4;
export const hostJobsOfIsolate = 2;
/** Jobs of one isolate, with those that wait. */
export const waitingJobs = platformLimits.cryptoOperations.tenant;
/** Bytes in them; a job of its own may be larger. */
export const waitingJobBytes = 64 * MiB;
/** Timer slices of one isolate that may wait for their turn at once. */
export const timersInFlight = 32;
/** Wall time for a worker to start, with its top-level awaits. */
export const startWallMs = 10_000;
/** How long a failed start is remembered, so that a broken worker does not boot an isolate per request. */
export const startRetryMs = 1_000;
/** Compile data of versions kept in memory. */
export const codeCacheBytes = 64 * MiB;
/**
 * CPU that an isolate may use for no event, in the long run, of one core. Being measured twice a
 * second takes under 1 %, also on a crowded machine.
 */
export const backgroundShare = 0.05;
/** Estimate for an isolate that was not measured yet. */
export const newIsolateBytes = 3 * MiB;
/** An isolate worth ending when the process is far over its memory budget. */
export const largeIsolateBytes = 32 * MiB;
/** How often deadlines are looked at. */
export const sweepMs = 50;
/**
 * An isolate that has been idle for so long for the first time gives back what booting and starting
 * left behind, if it is no larger than this: the collection takes time in proportion.
 */
export const compactAfterIdleMs = 2_000;
export const compactBelowBytes = 8 * MiB;
/** How often the memory of an isolate in use is measured. */
export const measureMs = 500;

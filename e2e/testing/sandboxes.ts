import { readdirSync, readFileSync } from 'node:fs';
import { descendantsRunning, residentBytes } from './processes.ts';
import type { Platform } from './platform.ts';

/** Process ids of all sandboxes: the tenants' one first, then quarantines and those that drain. */
export function sandboxPids(platform: Platform): number[] {
  return descendantsRunning(platform.process.pid ?? 0, 'sandbox/src/main.ts').toSorted(
    (one, other) => one - other,
  );
}

/** Resident memory of all sandboxes in MiB. */
export function sandboxMiB(platform: Platform): number {
  const bytes = sandboxPids(platform).reduce((sum, pid) => sum + residentBytes(pid), 0);
  return Math.round(bytes / 1024 / 1024);
}

const ticksPerMs = 0.1;

/** CPU that the threads of all sandboxes used so far, in ms, to 10 ms. */
export function sandboxCpuMs(platform: Platform): number {
  const ticks = sandboxPids(platform).flatMap((pid) => threadsOf(pid).map((stat) => ticksOf(stat)));
  return ticks.reduce((sum, value) => sum + value, 0) / ticksPerMs;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'),
    );
  } catch {
    // The process or a thread of it ended while it was being read.
    return [];
  }
}

function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime are fields 14 and 15 of the line; the slice starts at field 3.
  return Number(fields[11]) + Number(fields[12]);
}

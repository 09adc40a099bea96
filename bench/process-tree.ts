import { readFileSync } from 'node:fs';
import { descendantsOf } from '../e2e/testing/processes.ts';

/** Proportional set size of a process and all its descendants, in bytes (Linux). */
export function treePssBytes(rootPid: number): number {
  const pids = [rootPid, ...descendantsOf(rootPid).map(({ pid }) => pid)];
  return pids.reduce((total, pid) => total + pssBytes(pid), 0);
}

function pssBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    // The process ended while the tree was being read.
    return 0;
  }
}

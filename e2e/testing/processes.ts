import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly commandLine: string;
}

/** A process's living descendants, nearest first. */
export function descendantsOf(rootPid: number): ProcessInfo[] {
  const byParent = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const [, state, parent] = /\) (\S) (\d+)/.exec(readProcFile(pid, 'stat')) ?? [];
    if (parent === undefined || state === 'Z') continue;
    byParent.set(Number(parent), [...(byParent.get(Number(parent)) ?? []), pid]);
  }
  const found: ProcessInfo[] = [];
  const queue = [...(byParent.get(rootPid) ?? [])];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const commandLine = readProcFile(pid, 'cmdline').replaceAll('\0', ' ').trim();
    found.push({ pid, commandLine });
    queue.push(...(byParent.get(pid) ?? []));
  }
  return found;
}

/** Descendants whose command line contains the text; at least one must exist. */
export function descendantsRunning(rootPid: number, text: string): number[] {
  return descendantsOf(rootPid)
    .filter(({ commandLine }) => commandLine.includes(text))
    .map(({ pid }) => pid);
}

/** Whether the process exists and has not ended (a zombie has). */
export function isAlive(pid: number): boolean {
  const state = /\) (\S)/.exec(readProcFile(pid, 'stat'))?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Resident set size in bytes; 0 for a process that has ended. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readProcFile(pid, 'status'))?.[1] ?? 0) * 1024;
}

function readProcFile(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process ended while it was being read.
    return '';
  }
}

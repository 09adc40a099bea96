import { readdirSync, readFileSync } from 'node:fs';

/** Proportional set size of a process and all its descendants, in bytes (Linux). */
export function treePssBytes(rootPid: number): number {
  const children = childrenByParent();
  let total = 0;
  const queue = [rootPid];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    total += pssBytes(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return total;
}

/** Ids of a process's descendants whose command line contains the text. */
export function descendantsRunning(rootPid: number, text: string): number[] {
  const children = childrenByParent();
  const found: number[] = [];
  const queue = [...(children.get(rootPid) ?? [])];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    if (readProcFile(pid, 'cmdline').includes(text)) found.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return found;
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(/\) \S (\d+)/.exec(readProcFile(pid, 'stat'))?.[1] ?? -1);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

function pssBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readProcFile(pid, 'smaps_rollup'))?.[1] ?? 0) * 1024;
}

function readProcFile(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process ended while the tree was being read.
    return '';
  }
}

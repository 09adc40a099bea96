import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What the kernel says a process has open: targets of `/proc/<pid>/fd`. */
export function openDescriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      // Closed while it was being read.
      return [];
    }
  });
}

export interface TcpSocket {
  readonly localPort: number;
  readonly isListening: boolean;
}

const listening = '0A';

/** TCP sockets among the process's descriptors. */
export function tcpSocketsOf(pid: number): TcpSocket[] {
  const inodes = new Set(
    openDescriptors(pid).flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? ''))
      .map((fields) => ({
        localPort: Number.parseInt(fields[1]?.split(':')[1] ?? '', 16),
        isListening: fields[3] === listening,
      })),
  );
}

export interface ProcessStatus {
  /** Real, effective, saved and file-system user ids. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: string;
  readonly hasNoNewPrivileges: boolean;
  /** Effective and permitted capabilities, in hex. */
  readonly capabilities: readonly string[];
}

export function statusOf(pid: number): ProcessStatus {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const numbers = (name: string): number[] => field(name).split(/\s+/).map(Number);
  return {
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: field('Groups'),
    hasNoNewPrivileges: field('NoNewPrivs') === '1',
    capabilities: [field('CapEff'), field('CapPrm')],
  };
}

/** Soft and hard value of a resource limit, as the kernel prints them. */
export function resourceLimit(pid: number, name: string): string[] {
  const line = readFileSync(`/proc/${pid}/limits`, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(name));
  return line?.slice(name.length).trim().split(/\s+/).slice(0, 2) ?? [];
}

/** Environment and command line of a process, as anybody of its user may read them. */
export function publicTextOf(pid: number): string {
  try {
    return ['environ', 'cmdline']
      .map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'))
      .join('\n');
  } catch {
    // It ended meanwhile.
    return '';
  }
}

export function commandLineOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}

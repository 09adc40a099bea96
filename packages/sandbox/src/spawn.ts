import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { Duplex, Readable } from 'node:stream';
import type { Logger } from '@openworkers/core';
import { readBoundedLines } from './process/bounded-lines.ts';
import { guardIpcChannel } from './process/guard-ipc-channel.ts';
import { launchCommand } from './process/launch-command.ts';
import { startProcess } from './process/start-process.ts';

export interface SpawnSandboxOptions {
  /** Gets what the process prints, line by line and bounded, and what protects it less than it could. */
  readonly log: Logger;
  /**
   * Who the process becomes before it hears of any worker. Only root may set this, and should: the
   * permission model does not stop a process from signalling others of its user.
   */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Heap of the sandbox's own JavaScript, not of the isolates; 512 MiB when left out. */
  readonly maxOldSpaceMiB?: number;
}

export interface SandboxExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A sandbox that dies may have read a request a moment before it could say `busy`: its client waits
 * for an answer that nobody owes any more. So a connection from a dead sandbox that was in use
 * lately (`idle` less than about a second before) is to be cut when it stays silent for a while.
 */
export interface HandoverHint {
  readonly mustSpeakWithinMs: number;
}

/** A running sandbox process, as its parent sees it. */
export interface SandboxProcess {
  readonly pid: number;
  /** The private pipe; wrap it in a `FramedPipe` at once. */
  readonly stream: Duplex;
  readonly exited: Promise<SandboxExit>;
  /**
   * Sends a client's connection; the own copy stays open. Calls back with an error when the process
   * is gone, which it may be for a while before `exited` settles.
   */
  handOver(
    socketId: number,
    socket: Socket,
    onSent: (error: Error | null) => void,
    hint?: HandoverHint,
  ): void;
  /** SIGKILL: a sandbox with a stuck isolate cannot exit by itself. */
  kill(): void;
}

/**
 * Starts the untrusted process: the Node that runs this one, with the permission model on, an
 * environment of three settings of malloc, and nothing open but the pipes to its parent (stdout, stderr, IPC for sockets, and
 * descriptor 4 for everything else). It does nothing until the `boot` frame.
 *
 * @throws Error when the process cannot be started
 */
export async function spawnSandbox(options: SpawnSandboxOptions): Promise<SandboxProcess> {
  const { log, user, maxOldSpaceMiB = 512 } = options;
  const launch = launchCommand({ searchPath: process.env['PATH'], maxOldSpaceMiB, user });
  if (launch.missing.length > 0) {
    log.warn({ missing: launch.missing }, 'sandbox starts with fewer walls');
  }
  const child = startProcess(launch);
  const exited = new Promise<SandboxExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await started(child);
  logOutput(child, log);
  return asSandboxProcess(child, { exited, log });
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      child.off('error', reject);
      resolve();
    });
  });
}

function asSandboxProcess(
  child: ChildProcess,
  { exited, log }: { exited: Promise<SandboxExit>; log: Logger },
): SandboxProcess {
  const { pid } = child;
  const stream = child.stdio[4];
  if (pid === undefined || !(stream instanceof Duplex)) throw new Error('the sandbox has no pipe');
  let socketsSent = 0;
  const kill = (): void => void child.kill('SIGKILL');
  child.on('error', (error) => log.warn({ err: error, pid }, 'sandbox channel failed'));
  guardIpcChannel(child, {
    socketsSent: () => socketsSent,
    onViolation: () => {
      log.error({ pid }, 'sandbox misused its socket channel');
      kill();
    },
  });
  return {
    pid,
    stream,
    exited,
    kill,
    handOver: (socketId, socket, onSent, hint) => {
      socketsSent += 1;
      if (!child.connected) onSent(new Error('the sandbox is gone'));
      else child.send({ socketId, ...hint }, socket, { keepOpen: true }, onSent);
    },
  };
}

function logOutput(child: ChildProcess, log: Logger): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    if (!(stream instanceof Readable)) continue;
    readBoundedLines(stream, (line, droppedBefore) => {
      log.warn({ pid: child.pid, stream: name, line, droppedBefore }, 'sandbox output');
    });
  }
}

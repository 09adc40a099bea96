import { engineEnvironment } from '../engine/engine-process.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import type { LaunchCommand } from './launch-command.ts';

/**
 * Starts a process that has nothing of ours but five pipes: no input, output and errors, IPC for
 * sockets (3), and the private pipe (4).
 */
export function startProcess({ command, args }: LaunchCommand): ChildProcess {
  return spawn(command, args, {
    cwd: '/',
    env: engineEnvironment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
  });
}

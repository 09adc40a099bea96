import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { engineNodeFlags } from '../engine/engine-process.ts';
import { sandboxMainPath, sandboxReadablePaths } from './readable-paths.ts';

export interface LaunchOptions {
  /** PATH of this process: where `prlimit` and `setpriv` are looked for. */
  readonly searchPath: string | undefined;
  readonly maxOldSpaceMiB: number;
  /** The identity to change to once the code is loaded; only for root. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  /** The file to run; the sandbox itself when left out. */
  readonly program?: string;
}

export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Walls that this machine lacks a tool for. */
  readonly missing: readonly string[];
}

/**
 * The command line of a sandbox. The permission model is the first wall; where util-linux is
 * installed there are two more, which exec through to Node: no core dumps (they would hold tenants'
 * memory) and no file can be written, whatever it was opened by; and no set-uid program can raise
 * rights.
 */
export function launchCommand(options: LaunchOptions): LaunchCommand {
  const words: string[] = [];
  const missing: string[] = [];
  const prlimit = findProgram('prlimit', options.searchPath);
  if (prlimit === undefined) missing.push('prlimit');
  else words.push(prlimit, '--core=0:0', '--fsize=0:0', '--msgqueue=0:0');
  const setpriv = findProgram('setpriv', options.searchPath);
  if (setpriv === undefined) missing.push('setpriv');
  else words.push(setpriv, '--no-new-privs');
  const [command = process.execPath, ...args] = [...words, process.execPath, ...nodeArgs(options)];
  return { command, args, missing };
}

function nodeArgs({ maxOldSpaceMiB, user, program }: LaunchOptions): string[] {
  return [
    ...engineNodeFlags,
    '--permission',
    '--allow-addons',
    ...sandboxReadablePaths().map((path) => `--allow-fs-read=${path}`),
    // "--allow-addons must be used with caution": it is, and once per start is noise.
    '--disable-warning=PERM0001',
    // SIGUSR1 would open an inspector.
    '--disable-sigusr1',
    `--max-old-space-size=${maxOldSpaceMiB}`,
    // 128 MiB in one WebAssembly memory; the engine counts them all.
    '--wasm-max-mem-pages=2048',
    program ?? sandboxMainPath(),
    ...(user === undefined ? [] : [`${user.uid}:${user.gid}`]),
  ];
}

function findProgram(name: string, searchPath: string | undefined): string | undefined {
  const folders = [...(searchPath ?? '').split(delimiter), '/usr/bin', '/bin'];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

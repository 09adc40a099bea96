import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { escapeAttempts } from './isolation/escape-attempts.ts';
import {
  commandLineOf,
  openDescriptors,
  publicTextOf,
  resourceLimit,
  statusOf,
  tcpSocketsOf,
} from './isolation/proc.ts';
import { call, until } from './testing/http-client.ts';
import { startPlatform, type Platform } from './testing/platform.ts';
import { descendantsOf } from './testing/processes.ts';
import { sandboxPids } from './testing/sandboxes.ts';

const isRoot = process.getuid?.() === 0;
const hasProgram = (name: string): boolean =>
  ['/usr/bin', '/bin'].some((folder) => existsSync(join(folder, name)));

describe('the sandbox process', () => {
  let platform: Platform;
  /** Keeps a client connected, so that there is a handed-over socket to look at. */
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  beforeAll(async () => {
    platform = await startPlatform();
    await platform.deploy('plain', `export default { fetch: () => new Response('ok') };`);
    const get = () => call({ port: platform.port, host: 'plain.localhost', agent });
    await until(async () => (await get()).status === 200, 5_000, 'the worker answers');
    await until(() => sandboxPids(platform).length >= 2, 5_000, 'a sandbox and one in waiting');
  });
  afterAll(async () => {
    agent.destroy();
    await platform.dispose();
  });

  test('has pipes, the handed-over connections and nothing else open', () => {
    for (const pid of sandboxPids(platform)) {
      const strange = openDescriptors(pid).filter(
        (target) => !/^(socket:\[|pipe:\[|anon_inode:\[|\/dev\/null$)/.test(target),
      );
      expect(strange).toEqual([]);
    }
    const sockets = sandboxPids(platform).flatMap((pid) => tcpSocketsOf(pid));
    expect(sockets.length).toBeGreaterThan(0);
    for (const socket of sockets) {
      expect(socket).toEqual({ localPort: platform.port, isListening: false });
    }
  });

  test('has nothing of ours in its environment, no children and its folder at the root', () => {
    for (const pid of sandboxPids(platform)) {
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
      // Node's own, which tell where the channel is that carries the sockets, and glibc's tuning.
      const known = /^(NODE_CHANNEL_(FD|SERIALIZATION_MODE)|MALLOC_[A-Z_]+)=[a-z0-9]+$/;
      expect(variables.filter((text) => !known.test(text))).toEqual([]);
      expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
      expect(descendantsOf(pid)).toEqual([]);
    }
  });

  test.runIf(isRoot)('is nobody: a user of its own without groups and capabilities', () => {
    const uids = new Set<number>();
    for (const pid of sandboxPids(platform)) {
      const status = statusOf(pid);
      uids.add(status.uids[0] ?? 0);
      expect(new Set(status.uids).size).toBe(1);
      expect(status.uids[0]).toBeGreaterThan(0);
      expect(status.gids.every((gid) => gid > 0)).toBe(true);
      expect(status.groups).toBe('');
      expect(status.capabilities).toEqual(['0000000000000000', '0000000000000000']);
    }
    // Two sandboxes could otherwise signal each other.
    expect(uids.size).toBe(sandboxPids(platform).length);
  });

  test.runIf(hasProgram('setpriv'))('can gain no rights from a set-uid program', () => {
    for (const pid of sandboxPids(platform)) expect(statusOf(pid).hasNoNewPrivileges).toBe(true);
  });

  test.runIf(hasProgram('prlimit'))('writes neither files nor core dumps', () => {
    for (const pid of sandboxPids(platform)) {
      expect(resourceLimit(pid, 'Max core file size')).toEqual(['0', '0']);
      expect(resourceLimit(pid, 'Max file size')).toEqual(['0', '0']);
    }
  });

  test('cannot open, list, write, connect, listen, resolve, spawn, load or signal', () => {
    const [pid] = sandboxPids(platform);
    const [node = '', ...args] = commandLineOf(pid ?? 0);
    const main = args.findIndex((argument) => argument.endsWith('sandbox/src/main.ts'));
    expect(main).toBeGreaterThan(0);
    const program = escapeAttempts({
      file: join(platform.dataDir, 'database-roles.json'),
      folder: platform.dataDir,
      port: platform.port,
      pid: platform.process.pid ?? 0,
    });
    const [uid = 0] = statusOf(pid ?? 0).uids;
    const result = spawnSync(
      node,
      [...args.slice(0, main), '--input-type=module', '--eval', program],
      {
        env: {},
        cwd: '/',
        encoding: 'utf8',
        timeout: 20_000,
        ...(isRoot ? { uid, gid: uid } : {}),
      },
    );
    expect(result.status, result.stderr).toBe(0);
    const ends: unknown = JSON.parse(result.stdout);
    const names = Object.keys(Object(ends));
    expect(names.length).toBeGreaterThan(20);
    expect(ends).toEqual({
      ...Object.fromEntries(names.map((name) => [name, 'ERR_ACCESS_DENIED'])),
      environment: '',
      // Not the permission model's: another user is, where there is one.
      'signal the platform': isRoot ? 'EPERM' : 'done',
      'load another program': expect.stringMatching(/^ERR_(ACCESS_DENIED|DLOPEN_FAILED)$/),
    });
  });

  test('no process of the platform shows a password in its environment or command line', () => {
    const secrets = secretsOf(platform);
    expect(secrets.length).toBeGreaterThan(2);
    const root = platform.process.pid ?? 0;
    const processes = [
      { pid: root, commandLine: 'ow start' },
      ...descendantsOf(root),
      // The server outlives its parents on purpose and is nobody's child.
      ...descendantsOf(1).filter(({ commandLine }) => commandLine.includes(platform.dataDir)),
    ];
    const telling = processes.filter(({ pid }) => {
      const text = publicTextOf(pid);
      return secrets.some((secret) => text.includes(secret)) || /postgres(ql)?:\/\//.test(text);
    });
    expect(telling.map(({ commandLine }) => commandLine.slice(0, 100))).toEqual([]);
  });

  test('the files with passwords are for their owner only', () => {
    const files = secretFiles(platform);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files)
      expect({ file, mode: statSync(file).mode & 0o077 }).toEqual({ file, mode: 0 });
  });
});

function secretFiles(platform: Platform): string[] {
  const inside = readdirSync(platform.dataDir)
    .map((name) => join(platform.dataDir, name))
    .filter(
      (path) =>
        statSync(path).isFile() &&
        /role|password|key|secret|url/i.test(path.slice(platform.dataDir.length)),
    );
  return [
    platform.env['OW_CONFIG'] ?? '',
    ...inside,
    join(platform.dataDir, 'postgres', 'superuser-password'),
  ].filter((path) => existsSync(path));
}

/** Every password, and every long random word, in the platform's own secret files. */
function secretsOf(platform: Platform): string[] {
  return secretFiles(platform).flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const words = [...text.matchAll(/"([A-Za-z0-9_-]{24,})"|:([^:@/"\s]{16,})@/g)].map(
      ([, quoted, password]) => quoted ?? password ?? '',
    );
    return /\s|"/.test(text.trim()) ? words : [text.trim()];
  });
}

import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { engineEnvironment } from './engine/engine-process.ts';
import { launchCommand } from './process/launch-command.ts';
import { sandboxReadablePaths } from './process/readable-paths.ts';
import { startProcess } from './process/start-process.ts';
import { ProcessPeer } from './testing/process-peer.ts';
import { until } from './testing/until.ts';

/** Starting a process takes half a second of CPU, and this machine may be busy. */
const slow = { timeout: 120_000 };

const user = process.getuid?.() === 0 ? { uid: 60_998, gid: 60_998 } : undefined;

test('the sandbox process may do nothing but compute', slow, async () => {
  const launch = launchCommand({
    searchPath: process.env['PATH'],
    maxOldSpaceMiB: 256,
    user,
    program: fileURLToPath(new URL('testing/permission-probe.ts', import.meta.url)),
  });
  const child = startProcess(launch);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once('exit', resolve));
  // Written by the probe.
  const report = JSON.parse(output) as {
    results: Record<string, string>;
    environment: Record<string, string>;
  };
  const { 'become root': becomeRoot, ...others } = report.results;
  expect(Object.keys(others).length).toBeGreaterThan(20);
  expect(new Set(Object.values(others))).toEqual(new Set(['ERR_ACCESS_DENIED']));
  expect(becomeRoot).toBe('EPERM');
  expect(report.environment).toEqual(engineEnvironment);
});

describe('a running sandbox process', slow, () => {
  let peer: ProcessPeer;
  let pid: number;

  beforeEach(async () => {
    peer = new ProcessPeer();
    await peer.start(user);
    pid = peer.current.process.pid;
  });

  afterEach(() => peer.stop());

  test('has an environment that says only where its socket channel is and how to free memory', () => {
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((line) => line.split('=')[0])
      .filter((name) => name !== '');
    const ofNode = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'];
    expect(new Set(names)).toEqual(new Set([...ofNode, ...Object.keys(engineEnvironment)]));
  });

  test('has nothing open but its pipes and what Node needs to wait on them', () => {
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => ({
      fd: Number(fd),
      to: readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/:\[\d+\]$/, ''),
    }));
    const given = open.filter(({ fd }) => fd <= 4).sort((a, b) => a.fd - b.fd);
    expect(given).toEqual([
      { fd: 0, to: '/dev/null' },
      { fd: 1, to: 'socket' },
      { fd: 2, to: 'socket' },
      { fd: 3, to: 'socket' },
      { fd: 4, to: 'socket' },
    ]);
    const nodesOwn = /^(anon_inode:\[(eventpoll|eventfd|io_uring)\]|pipe|\/dev\/null)$/;
    expect(open.filter(({ fd, to }) => fd > 4 && !nodesOwn.test(to))).toEqual([]);
  });

  test.skipIf(user === undefined)('is not root, in any way it could get back', () => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const line = (name: string): string =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1] ?? '';
    expect(line('Uid').split('\t')).toEqual(Array.from({ length: 4 }, () => '60998'));
    expect(line('Gid').split('\t')).toEqual(Array.from({ length: 4 }, () => '60998'));
    expect(line('Groups').trim()).toBe('');
    for (const set of ['CapPrm', 'CapEff', 'CapAmb']) expect(line(set)).toBe('0'.repeat(16));
  });

  test('has no way to more rights, no core dumps, and cannot write files', () => {
    const { missing } = launchCommand({
      searchPath: process.env['PATH'],
      maxOldSpaceMiB: 256,
      user: undefined,
    });
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    expect(/^NoNewPrivs:\s*1$/m.test(status)).toBe(!missing.includes('setpriv'));
    const isLimited = !missing.includes('prlimit');
    expect(/^Max core file size\s+0\s+0\s/m.test(limits)).toBe(isLimited);
    expect(/^Max file size\s+0\s+0\s/m.test(limits)).toBe(isLimited);
  });

  test('ends when its runner is gone', async () => {
    const { process: child, pipe } = peer.current;
    pipe.close();
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('ends when its runner breaks the protocol', async () => {
    const { process: child, pipe } = peer.current;
    pipe.send(46, 0, '');
    pipe.send(1, 0, 'x\0');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await until(
      () => peer.output.some((line) => line.includes('may not send frame type 1')),
      () => 'the reason in the log',
    );
  });
});

test('the readable paths are code and nothing else', () => {
  const root = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));
  const relative = sandboxReadablePaths().map((path) => path.replace(root, ''));
  expect(
    relative.filter((path) => !path.startsWith('/packages') && !path.startsWith('/node_m')),
  ).toEqual(['/etc/alpine-release']);
  expect(relative.filter((path) => /\/(zod|pino|pg|kysely|esbuild)\b/.test(path))).toEqual([]);
});

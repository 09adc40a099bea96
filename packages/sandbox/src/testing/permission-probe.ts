import { execFile, fork, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup, resolve4 } from 'node:dns/promises';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open, stat, symlink } from 'node:fs/promises';
import { request } from 'node:http';
import { Session } from 'node:inspector';
import { connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { becomeUser } from '../process/become-user.ts';

/**
 * Runs where the sandbox runs and tries what it must not be able to do. Prints one JSON object: for
 * each attempt the code of its error, or `allowed`.
 */
becomeUser(process.argv[2]);

const attempts: Readonly<Record<string, () => unknown>> = {
  'read /etc/passwd': () => readFileSync('/etc/passwd'),
  'read the environment of init': () => readFileSync('/proc/1/environ'),
  'read its own memory map': () => readFileSync('/proc/self/maps'),
  'list the root folder': () => readdirSync('/'),
  'list its own descriptors': () => readdirSync('/proc/self/fd'),
  'stat the home folder': () => stat('/root'),
  'open a random device': () => open('/dev/random'),
  'write to /tmp': () => writeFileSync('/tmp/openworkers-probe', ''),
  'write beside its code': () => writeFileSync(new URL('probe', import.meta.url), ''),
  'make a symlink': () => symlink('/etc', '/tmp/openworkers-probe'),
  'connect over TCP': () => settled(connect(9, '127.0.0.1'), 'connect'),
  'connect to a unix socket': () => settled(connect('/var/run/docker.sock'), 'connect'),
  'listen over TCP': () => settled(createServer().listen(0), 'listening'),
  'listen on a unix socket': () => settled(createServer().listen('/tmp/ow-probe'), 'listening'),
  'request over HTTP': () => settled(request('http://127.0.0.1:9/').end(), 'response'),
  fetch: () => fetch('http://127.0.0.1:45678/').catch(unwrapCause),
  'send over UDP': () => settledSend(),
  'look up a name': () => lookup('example.com'),
  'ask a name server': () => resolve4('example.com'),
  'spawn a program': () => spawnOrThrow(),
  'execute a file': () => settled(execFile('/bin/true'), 'exit'),
  'fork itself': () => settled(fork(import.meta.filename), 'exit'),
  'start a thread': () => settled(new Worker('1', { eval: true }), 'online'),
  'open an inspector': () => new Session().connect(),
  'become root': () => process.setuid?.(0),
};

function settled(
  emitter: { once(event: string, listener: (value: unknown) => void): unknown },
  event: string,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    emitter.once(event, resolve);
    emitter.once('error', reject);
  });
}

function settledSend(): Promise<unknown> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.send('x', 9, '127.0.0.1', (error) => (error === null ? resolve(0) : reject(error)));
  });
}

function spawnOrThrow(): void {
  const { error } = spawnSync('/bin/true');
  if (error !== undefined) throw error;
}

function unwrapCause(error: unknown): never {
  throw error instanceof Error && error.cause !== undefined ? error.cause : error;
}

const results: Record<string, string> = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    results[name] = 'allowed';
  } catch (error) {
    results[name] = codeOf(error);
  }
}
process.stdout.write(`${JSON.stringify({ results, environment: process.env })}\n`, () => {
  process.kill(process.pid, 'SIGKILL');
});

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return String(error);
  return String(error.code);
}

import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Agent } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RunnerReady } from './runner-config.ts';
import { call } from './testing/http-client.ts';
import { isAlive, killProcess } from './testing/kill-process.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { until } from './testing/until.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
let workers: TestWorkers;
let children: ChildProcess[] = [];

beforeAll(async () => {
  workers = await openTestWorkers();
  const id = await workers.create('hello');
  await workers.deploy(id, `export default { fetch: () => new Response('hello') };`);
});
afterAll(() => workers.close());
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
}

function start(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      OW_HOST: '127.0.0.1',
      OW_PORT: '0',
      OW_INTERNAL_PORT: '0',
      OW_DATA_DIR: '/nonexistent',
      OW_RUNNER_DATABASE_URL: workers.test.roles.runner.reveal(),
      OW_POSTGATE_DATABASE_URL: workers.test.roles.postgate.reveal(),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let output = '';
  let errors = '';
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  return { child, output: () => output, errors: () => errors };
}

async function startReady(env: Record<string, string> = {}): Promise<Run & RunnerReady> {
  const run = start(env);
  const ended = once(run.child, 'exit').then(() => Promise.reject(new Error(run.errors())));
  const [ready] = (await Promise.race([once(run.child, 'message'), ended])) as [RunnerReady];
  return { ...run, ...ready };
}

async function exitOf({ child }: Run): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  // The event carries the code first.
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** Processes whose parent is this one. */
function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}

test('it says when it is ready, serves, writes one JSON line per request, and SIGTERM ends it with 0', async () => {
  const run = await startReady();
  const answer = await call({ port: run.port, host: 'hello.localhost' });
  expect(answer).toMatchObject({ status: 200, body: 'hello' });
  run.child.kill('SIGTERM');
  expect(await exitOf(run)).toBe(0);
  const lines = run.output().trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records.filter(({ msg }) => msg === 'request done')).toMatchObject([
    { role: 'runner', workerName: 'hello', requestId: answer.headers['x-request-id'], status: 200 },
  ]);
  expect(run.errors()).toBe('');
});

test('SIGTERM closes idle connections, lets requests in flight finish, and takes no more', async () => {
  const id = await workers.create('slow');
  await workers.deploy(
    id,
    `export default { fetch() { console.log('begun'); return new Promise((done) => setTimeout(() => done(new Response('done')), 1500)); } };`,
  );
  const run = await startReady();
  const agent = new Agent({ keepAlive: true });
  await call({ port: run.port, host: 'hello.localhost', agent });
  const inFlight = call({ port: run.port, host: 'slow.localhost' });
  await until(() => run.output().includes('begun'), { timeoutMs: 5_000, what: 'it runs' });
  run.child.kill('SIGTERM');
  expect(await inFlight).toMatchObject({ status: 200, body: 'done' });
  expect(await exitOf(run)).toBe(0);
  await expect(call({ port: run.port, host: 'hello.localhost' })).rejects.toThrow('ECONNREFUSED');
  agent.destroy();
});

test('when its parent is gone, it and its sandboxes end', async () => {
  const run = await startReady();
  const sandboxes = childrenOf(run.child.pid);
  expect(sandboxes.length).toBeGreaterThan(0);
  run.child.disconnect();
  await exitOf(run);
  await until(() => !sandboxes.some(isAlive), { timeoutMs: 5_000, what: 'no sandbox is left' });
});

test('when it is killed, its sandboxes end', async () => {
  const run = await startReady();
  const sandboxes = childrenOf(run.child.pid);
  killProcess(run.child.pid);
  await until(() => !sandboxes.some(isAlive), { timeoutMs: 5_000, what: 'no sandbox is left' });
});

test('a port somebody else listens on is one line and code 78', async () => {
  const server = createServer().listen({ port: 0, host: '127.0.0.1', reusePort: true });
  await once(server, 'listening');
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  const run = start({ OW_PORT: String(port), OW_RUNNER_PROBE_PORT: '1' });
  expect(await exitOf(run)).toBe(78);
  expect(run.errors()).toBe(
    `OW_PORT: port ${port} on 127.0.0.1 is already in use; choose another port\n`,
  );
  server.close();
});

test('settings that are missing, wrong or refused are one line and code 78', async () => {
  const wrong = start({ OW_PORT: 'http', OW_RUNNER_INDEX: '-1' });
  const missing = start({ OW_RUNNER_DATABASE_URL: '' });
  const refused = start({
    OW_RUNNER_DATABASE_URL: workers.test.roles.runner.reveal().replace(/:[^:@]*@/, ':wrong@'),
  });
  expect(await Promise.all([wrong, missing, refused].map(exitOf))).toEqual([78, 78, 78]);
  expect(wrong.errors()).toMatch(/^OW_PORT: .*\n$/);
  expect(missing.errors()).toMatch(/^OW_RUNNER_DATABASE_URL: not set.*\n$/);
  expect(refused.errors().trimEnd().split('\n')).toHaveLength(1);
});

test('the database login can come over IPC, where /proc shows it to nobody', async () => {
  const run = start({ OW_RUNNER_DATABASE_URL: 'ipc', OW_POSTGATE_DATABASE_URL: '' });
  const login = workers.test.roles.runner.reveal();
  const postgateUrl = workers.test.roles.postgate.reveal();
  run.child.send({ kind: 'login', databaseUrl: login, postgateUrl });
  await once(run.child, 'message');
  const environ = readFileSync(`/proc/${run.child.pid}/environ`, 'utf8');
  expect(environ).toContain('OW_RUNNER_DATABASE_URL=ipc');
  expect(environ).not.toContain(login);

  const nonsense = start({ OW_RUNNER_DATABASE_URL: 'ipc' });
  nonsense.child.send({ kind: 'login' });
  expect(await exitOf(nonsense)).toBe(78);
});

test('it waits for a database that is not there yet', async () => {
  const run = start({ OW_RUNNER_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
  await until(() => run.output().includes('waiting for the database'), {
    timeoutMs: 10_000,
    what: 'it says that it waits',
  });
  run.child.kill('SIGTERM');
  expect(await exitOf(run)).toBe(0);
});

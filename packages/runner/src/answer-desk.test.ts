import { createLogger, systemClock } from '@openworkers/core';
import type { VersionKey } from '@openworkers/sandbox';
import { createTestSealer } from '@openworkers/db/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AnswerDesk, type SandboxRights } from './answer-desk.ts';
import { EnvironmentStore } from './environment-store.ts';
import { Grants } from './grants.ts';
import { HandleRegistry } from './handle-registry.ts';
import { RouteResolver } from './route-resolver.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { VersionStore } from './version-store.ts';

let workers: TestWorkers;
let workerId: string;
let environmentId: string;
let desk: AnswerDesk;
let sandbox: SandboxRights;
let other: SandboxRights;
const apart = new Set<string>();

beforeAll(async () => {
  workers = await openTestWorkers();
  workerId = await workers.create('hello');
  environmentId = await workers.createEnvironment({ NAME: 'Ada' });
  await workers.link(workerId, environmentId);
  await workers.deploy(workerId, 'one');
  await workers.deploy(workerId, 'two');
});
afterAll(() => workers.close());

beforeEach(() => {
  apart.clear();
  const { queries } = workers.runner;
  desk = new AnswerDesk({
    routes: new RouteResolver({
      queries,
      clock: systemClock,
      hosts: { platformHost: 'localhost', baseDomain: 'localhost' },
      onLateAnswer: () => undefined,
    }),
    versions: new VersionStore({ queries }),
    environments: new EnvironmentStore({ queries }),
    sealer: createTestSealer(),
    isApart: (route) => apart.has(route.workerId),
    log: createLogger({ role: 'test', level: 'silent' }),
  });
  sandbox = makeRights();
  other = makeRights();
});

const makeRights = (): SandboxRights => ({
  grants: new Grants(),
  handles: new HandleRegistry(systemClock),
});

async function keyOf(host: string, rights: SandboxRights): Promise<VersionKey> {
  const { answer } = await desk.route({ host }, rights);
  if (answer.kind !== 'worker') throw new Error(`${host} is no worker`);
  return {
    workerId: answer.workerId,
    version: answer.serving[0]?.version ?? 0,
    environmentId: answer.environmentId,
    environmentRevision: answer.environmentRevision,
  };
}

test('a sandbox gets the code, the values and a handle of what it was told about', async () => {
  const key = await keyOf('hello.localhost', sandbox);
  const { answer, code } = await desk.version(key, sandbox);
  expect(Buffer.from(code).toString()).toBe('two');
  expect(answer).toMatchObject({
    key,
    workerName: 'hello',
    env: [{ key: 'NAME', kind: 'text', value: 'Ada' }],
    limits: { cpuMs: 100 },
  });
  expect(sandbox.handles.find(answer.handle)).toMatchObject({
    tenantId: workers.user.tenantId,
    workerId,
    workerName: 'hello',
    version: 2,
  });
  expect(other.handles.find(answer.handle)).toBeUndefined();
});

test('each answer has a handle of its own', async () => {
  const key = await keyOf('hello.localhost', sandbox);
  const first = await desk.version(key, sandbox);
  const second = await desk.version(key, sandbox);
  expect(first.answer.handle).not.toBe(second.answer.handle);
});

test('a sandbox cannot ask for what it was not told about', async () => {
  const key = await keyOf('hello.localhost', sandbox);
  const refused = { code: 'forbidden' };
  await expect(desk.version(key, other)).rejects.toMatchObject(refused);
  await expect(desk.version({ ...key, version: 1 }, sandbox)).rejects.toMatchObject(refused);
  await expect(desk.version({ ...key, environmentId: undefined }, sandbox)).rejects.toMatchObject(
    refused,
  );
  await keyOf('1--hello.localhost', sandbox);
  await desk.version({ ...key, version: 1 }, sandbox);
});

test('a worker that must run apart is said to be elsewhere', async () => {
  apart.add(workerId);
  expect((await desk.route({ host: 'hello.localhost' }, sandbox)).answer).toMatchObject({
    placement: 'elsewhere',
  });
  apart.clear();
  expect((await desk.route({ host: 'hello.localhost' }, sandbox)).answer).toMatchObject({
    placement: 'here',
  });
});

test('a fault of ours is told without its cause', () => {
  expect(desk.refusal(new Error('relation "secrets" does not exist'))).toEqual({
    code: 'internal',
    message: 'Internal error.',
  });
});

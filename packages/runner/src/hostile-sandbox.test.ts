import { createLogger, systemClock } from '@openworkers/core';
import { frameTypes, type BootMessage, type SandboxExit } from '@openworkers/sandbox';
import { createTestSealer } from '@openworkers/db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPlatformData, type PlatformData } from './platform-data.ts';
import type { BoundRecord } from './record-sink.ts';
import { ChannelDesk, type Egress, type EgressKinds } from './egress/channel-desk.ts';
import { SandboxLink } from './sandbox-link.ts';
import { SandboxTalk } from './sandbox-talk.ts';
import { HostileSandbox } from './testing/hostile-sandbox.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { until } from './testing/until.ts';

const boot: BootMessage = {
  role: 'shared',
  baseDomain: 'localhost',
  platformHost: 'localhost',
  publicScheme: 'http',
  trustedProxies: [],
  memoryBudgetBytes: 1,
  spareIsolates: 0,
};
const log = createLogger({ role: 'test', level: 'silent' });

let workers: TestWorkers;
let knownId: string;
let secretId: string;
let data: PlatformData;
let records: BoundRecord[];
let sandbox: HostileSandbox;
let link: SandboxLink;
let exits: SandboxExit[];

beforeAll(async () => {
  workers = await openTestWorkers();
  knownId = await workers.create('known');
  await workers.deploy(knownId, 'code of known');
  secretId = await workers.create('secret');
  await workers.deploy(secretId, 'code of secret');
});
afterAll(() => workers.close());

beforeEach(async () => {
  records = [];
  exits = [];
  data = createPlatformData({
    database: workers.runner,
    databaseUrl: workers.test.roles.runner,
    sealer: createTestSealer(),
    hosts: { platformHost: 'localhost', baseDomain: 'localhost' },
    clock: systemClock,
    log,
    sink: { write: (record) => records.push(record) },
    isApart: () => false,
    broadcast: () => undefined,
  });
  sandbox = await HostileSandbox.connect();
  link = new SandboxLink({ process: sandbox.process, clock: systemClock, log });
  return () => link.stop();
});

/** What reached the network, if anything did. */
let opened: string[] = [];

const channelKinds: EgressKinds = {
  fetch: recording(),
  websocket: recording(),
  cache: recording(),
  kv: recording(),
  storage: recording(),
  assets: recording(),
  database: recording(),
};
const channels = new ChannelDesk({ kinds: channelKinds, log });

function recording(): Egress {
  const deaf = (): void => undefined;
  return {
    open: ({ instance, argument }) => {
      opened.push(`${instance.workerId} ${argument}`);
      return { message: deaf, data: deaf, end: deaf, error: deaf, sent: deaf };
    },
  };
}

async function bootLink(): Promise<void> {
  opened = [];
  const talk = new SandboxTalk({
    ...data,
    onForward: () => undefined,
    onChannel: (from, message) => channels.open(from, message),
    onOvergrown: () => undefined,
    onUnstoppable: () => undefined,
  });
  const own = exits;
  const owner = {
    onMessage: talk.handle.bind(talk),
    onGone: (_link: SandboxLink, exit: SandboxExit) => void own.push(exit),
  };
  const ready = link.boot(boot, { script: '', owner, timeoutMs: 2_000 });
  sandbox.say(frameTypes.ready, 0, '');
  await ready;
}

const isEnded = (): Promise<void> =>
  until(() => sandbox.isKilled && exits.length === 1, { timeoutMs: 2_000, what: 'it is killed' });

async function answerTo(id: number): Promise<{ type: number; payload: string }> {
  const find = () => sandbox.received.find((frame) => frame.id === id);
  await until(() => find() !== undefined, { timeoutMs: 2_000, what: `an answer to ${id}` });
  return find() ?? { type: 0, payload: '' };
}

/** Asks for the route of a host, as an honest sandbox would. */
async function askRoute(id: number, host: string): Promise<void> {
  sandbox.say(frameTypes.askRoute, id, { host });
  expect((await answerTo(id)).type).toBe(frameTypes.route);
}

const channelQuestion = { kind: 'fetch', handle: 'h', requestId: 'r', argument: '' };

const versionOf = (workerId: string): unknown => ({ workerId, version: 1, environmentRevision: 0 });

describe('what costs a sandbox its life', () => {
  beforeEach(bootLink);

  test.each([
    ['no JSON', frameTypes.askRoute, 'x'],
    ['no host', frameTypes.askRoute, { host: 'a b' }],
    ['a version of no worker', frameTypes.askVersion, { workerId: '../x', version: 1 }],
    ['a record of no kind', frameTypes.records, [{ kind: 'x' }]],
    ['a frame that only the runner may send', frameTypes.boot, '{}'],
    ['a frame of no type', 200, '{}'],
    ['a forward under a number of the runner', frameTypes.forward, {}],
    ['a channel under a number of the runner', frameTypes.openChannel, channelQuestion],
    ['a channel of no kind', frameTypes.openChannel, { ...channelQuestion, kind: 'x' }],
  ])('%s', async (_name, type, payload) => {
    sandbox.say(type, 2, payload);
    await isEnded();
  });

  test('a frame that is too long, before it is there', async () => {
    const header = Buffer.alloc(9);
    header.writeUInt32LE(0xffff_ffff, 0);
    header.writeUInt8(frameTypes.records, 4);
    sandbox.sayRaw(header);
    await isEnded();
  });

  test('more questions than anybody can have', async () => {
    for (let id = 1; id <= 6_000; id += 1) {
      sandbox.say(frameTypes.askRoute, id, { host: 'known.localhost' });
    }
    await isEnded();
  });
});

describe('what a sandbox cannot get', () => {
  beforeEach(bootLink);

  test('the code of a worker that no answer named', async () => {
    await askRoute(1, 'known.localhost');
    sandbox.say(frameTypes.askVersion, 3, versionOf(secretId));
    const refusal = await answerTo(3);
    expect(refusal.type).toBe(frameTypes.refusal);
    expect(refusal.payload).toContain('forbidden');
    sandbox.say(frameTypes.askVersion, 5, versionOf(knownId));
    const version = await answerTo(5);
    expect(version.type).toBe(frameTypes.version);
    expect(version.payload).toContain('code of known');
    expect(sandbox.received.map(({ payload }) => payload).join()).not.toContain('code of secret');
  });

  test('a line in the log of a worker that it was not given', async () => {
    await askRoute(1, 'known.localhost');
    sandbox.say(frameTypes.askVersion, 3, versionOf(knownId));
    const { handle } = JSON.parse((await answerTo(3)).payload.split('\0')[0] ?? '') as {
      handle: string;
    };
    const line = { kind: 'log', timeMs: 1, level: 'error', message: 'mine' };
    sandbox.say(frameTypes.records, 0, [
      { ...line, handle: secretId, message: 'forged' },
      { ...line, handle: 'f'.repeat(32), message: 'forged' },
      { ...line, handle, workerId: secretId, tenantId: secretId },
    ]);
    await until(() => records.length > 0, { timeoutMs: 2_000, what: 'a record' });
    expect(records).toHaveLength(1);
    expect(records[0]?.instance).toMatchObject({ workerId: knownId });
    expect(JSON.stringify(records)).not.toContain(secretId);
  });

  test('a way out for a handle that it was not given', async () => {
    await askRoute(1, 'known.localhost');
    sandbox.say(frameTypes.askVersion, 3, versionOf(knownId));
    const { handle } = JSON.parse((await answerTo(3)).payload.split('\0')[0] ?? '') as {
      handle: string;
    };
    const question = { kind: 'fetch', requestId: 'r', argument: 'what' };
    sandbox.say(frameTypes.openChannel, 5, { ...question, handle: 'f'.repeat(32) });
    sandbox.say(frameTypes.openChannel, 7, { ...question, handle: secretId });
    sandbox.say(frameTypes.openChannel, 9, { ...question, handle });
    expect((await answerTo(5)).type).toBe(frameTypes.channelError);
    expect((await answerTo(7)).payload).toBe('This isolate may not open connections any more');
    await until(() => opened.length > 0, { timeoutMs: 2_000, what: 'the channel' });
    expect(opened).toEqual([`${knownId} what`]);
  });

  test('suspicion on a worker that it was not given', async () => {
    sandbox.say(frameTypes.running, 0, [secretId, 'f'.repeat(32)]);
    link.stop();
    await isEnded();
    expect(link.suspects({ max: 8, withinMs: 60_000 })).toEqual([]);
  });
});

test('what it said last is heard although it is dead already', async () => {
  await bootLink();
  await askRoute(1, 'known.localhost');
  sandbox.say(frameTypes.askVersion, 3, versionOf(knownId));
  const { handle } = JSON.parse((await answerTo(3)).payload.split('\0')[0] ?? '') as {
    handle: string;
  };
  sandbox.say(frameTypes.running, 0, [handle]);
  sandbox.die({ code: null, signal: 'SIGSEGV' });
  await until(() => exits.length === 1, { timeoutMs: 2_000, what: 'the end' });
  expect(exits).toEqual([{ code: null, signal: 'SIGSEGV' }]);
  expect(link.isStopping).toBe(false);
  expect(link.suspects({ max: 8, withinMs: 0 })).toMatchObject([{ workerId: knownId }]);
});

test('one that does not become ready in time is killed', async () => {
  const owner = { onMessage: () => undefined, onGone: () => undefined };
  await expect(link.boot(boot, { script: '', owner, timeoutMs: 10 })).rejects.toThrow('in time');
  expect(sandbox.isKilled).toBe(true);
});

test('one that ends before it is ready is said so', async () => {
  const owner = { onMessage: () => undefined, onGone: () => undefined };
  const ready = link.boot(boot, { script: '', owner, timeoutMs: 60_000 });
  sandbox.die({ code: 1, signal: null });
  await expect(ready).rejects.toThrow('ended before it was ready');
});

import { createLogger, systemClock } from '@openworkers/core';
import { frameTypes, type BootMessage } from '@openworkers/sandbox';
import { beforeEach, describe, expect, test } from 'vitest';
import { CacheEgress } from './egress/cache/cache-egress.ts';
import { CacheStore } from './egress/cache/cache-store.ts';
import { ChannelDesk, type Egress } from './egress/channel-desk.ts';
import { EgressRefusal } from './egress/egress-refusal.ts';
import { SandboxLink } from './sandbox-link.ts';
import { HostileSandbox } from './testing/hostile-sandbox.ts';
import { testInstance } from './testing/test-instance.ts';
import { until } from './testing/until.ts';

const MiB = 1024 * 1024;
const limits = { totalBytes: 8 * MiB, tenantBytes: 2 * MiB, tenantEntries: 100, entryBytes: MiB };
const log = createLogger({ role: 'test', level: 'silent' });
const boot: BootMessage = {
  role: 'shared',
  baseDomain: 'localhost',
  platformHost: 'localhost',
  publicScheme: 'http',
  trustedProxies: [],
  memoryBudgetBytes: 1,
  spareIsolates: 0,
};
const notHere: Egress = {
  open: () => {
    throw new EgressRefusal('not here');
  },
};

let store: CacheStore;
let sandbox: HostileSandbox;
let link: SandboxLink;
let lastId = 1;

beforeEach(async () => {
  store = new CacheStore(limits, systemClock);
  const kinds = {
    fetch: notHere,
    websocket: notHere,
    kv: notHere,
    storage: notHere,
    assets: notHere,
    database: notHere,
    cache: new CacheEgress({ store, now: () => systemClock.now() }),
  };
  const desk = new ChannelDesk({ kinds, log });
  sandbox = await HostileSandbox.connect();
  link = new SandboxLink({ process: sandbox.process, clock: systemClock, log });
  const ready = link.boot(boot, {
    script: '',
    owner: {
      onMessage: (from, message) => {
        if (message.kind === 'openChannel') desk.open(from, message);
      },
      onGone: () => undefined,
    },
    timeoutMs: 2_000,
  });
  sandbox.say(frameTypes.ready, 0, '');
  await ready;
  return () => link.stop();
});

const handleOf = (tenantId: string): string =>
  link.handles.issue(testInstance({ tenantId, workerId: `of ${tenantId}` }));

/** Opens a channel with what the attacker says, and answers its number. */
function open(handle: string, argument: unknown): number {
  lastId += 2;
  const text = typeof argument === 'string' ? argument : JSON.stringify(argument);
  sandbox.say(frameTypes.openChannel, lastId, {
    kind: 'cache',
    handle,
    requestId: 'r',
    argument: text,
  });
  return lastId;
}

const put = { op: 'put', url: 'http://a.test/', headers: '', status: 200, statusText: '' };
const match = { op: 'match', url: 'http://a.test/', headers: '' };

async function heard(id: number, type: number): Promise<string> {
  const find = () => sandbox.received.find((frame) => frame.id === id && frame.type === type);
  await until(() => find() !== undefined, { timeoutMs: 2_000, what: `frame ${type} on ${id}` });
  return find()?.payload ?? '';
}

async function store1(handle: string, body: string): Promise<void> {
  const id = open(handle, { ...put, responseHeaders: '' });
  sandbox.say(frameTypes.streamData, id, body);
  sandbox.say(frameTypes.streamEnd, id, '');
  await heard(id, frameTypes.streamEnd);
}

describe('a sandbox that lies', () => {
  test('finds only what is of the tenant whose handle it uses, whatever it says beside', async () => {
    const [a, b] = [handleOf('a'), handleOf('b')];
    await store1(a, 'secret of a');
    const stolen = open(b, { ...match, tenantId: 'a', tenant: 'a', handle: a });
    expect(await heard(stolen, frameTypes.channelMessage)).toBe('null');
    const deleted = open(b, { ...match, op: 'delete', tenantId: 'a' });
    expect(await heard(deleted, frameTypes.channelMessage)).toBe('false');
    const own = open(a, match);
    expect(await heard(own, frameTypes.streamData)).toBe('secret of a');
  });

  test('gets nothing for a handle that it was not given', async () => {
    await store1(handleOf('a'), 'secret');
    const id = open('f'.repeat(32), match);
    expect(await heard(id, frameTypes.channelError)).toContain('may not');
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['an unknown call', { ...match, op: 'clear' }],
    ['a relative URL', { ...match, url: '/a' }],
    ['a file', { ...match, url: 'file:///etc/passwd' }],
    ['half a header', { ...match, headers: 'a' }],
    ['a header with a line break', { ...put, responseHeaders: 'a\nb\r\nset-cookie: c' }],
    ['a status out of range', { ...put, responseHeaders: '', status: 99 }],
    ['a status text with a line break', { ...put, responseHeaders: '', statusText: 'a\r\nb: c' }],
    ['a name that is too long', { ...match, name: 'n'.repeat(1_025) }],
  ])('is refused with %s', async (_name, argument) => {
    await heard(open(handleOf('a'), argument), frameTypes.channelError);
    expect(store.usedBytes).toBe(0);
  });

  test('keeps no more than its share with puts that never end, and none of it when it dies', async () => {
    const handle = handleOf('a');
    const piece = 'x'.repeat(64 * 1024);
    for (let i = 0; i < 60; i += 1) {
      const id = open(handle, { ...put, url: `http://a.test/${i}`, responseHeaders: '' });
      sandbox.say(frameTypes.streamData, id, piece);
    }
    await heard(open(handle, match), frameTypes.channelMessage);
    expect(store.usedBytes).toBeGreaterThan(MiB);
    expect(store.usedBytes).toBeLessThanOrEqual(limits.tenantBytes);
    sandbox.die({ code: null, signal: 'SIGKILL' });
    await until(() => store.usedBytes === 0, { timeoutMs: 2_000, what: 'nothing is left' });
  });

  test('pins no more than its share with answers that it does not read', async () => {
    const handle = handleOf('a');
    for (let i = 0; i < 8; i += 1) {
      await store1(handle, 'x'.repeat(200 * 1024));
      open(handle, match);
      await heard(open(handle, match), frameTypes.channelMessage);
      expect(store.usedBytes).toBeLessThanOrEqual(limits.tenantBytes);
    }
  });

  test('has nothing kept of a put that it resets', async () => {
    const handle = handleOf('a');
    const id = open(handle, { ...put, responseHeaders: '' });
    sandbox.say(frameTypes.streamData, id, 'half');
    sandbox.say(frameTypes.channelError, id, 'reset');
    expect(await heard(open(handle, match), frameTypes.channelMessage)).toBe('null');
    expect(store.usedBytes).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../testing/until.ts';
import type { TestChannel } from '../testing/test-channels.ts';
import { TestEngine, type TestAnswer } from '../testing/test-engine.ts';

/**
 * A runtime that does what it is told: the request's URL is code that runs with `host` at hand. What
 * it is told about channels it logs, as `operation id value`.
 */
const runtimeScript = `(host, hostSync) => (op, id, a, b) => {
  if (op === 2) globalThis[a] = {};
  if (op === 3) delete globalThis[a];
  if (op === 5) eval(b);
  if (op >= 40) {
    const value = b instanceof ArrayBuffer ? '#' + b.byteLength : b;
    host(8, id, 'log', op + ' ' + a + ' ' + value);
    globalThis.onChannel?.(op, a, b, id);
  }
}`;

/** The operations of the boundary, by number: the attacker's code cannot import them. */
const prelude = `
  const open = (channel, kind = 'fetch', argument = '{}') => host(40, id, channel, kind, argument);
  const data = (channel, value) => host(41, id, channel, value);
  const end = (channel, text) => host(42, id, channel, text);
  const reset = (channel) => host(43, id, channel);
  const credit = (channel, bytes) => host(44, id, channel, bytes);
  const answer = () => { host(2, id, 200, '', 1, 'fine'); host(13, id); };
`;

let engine: TestEngine;

beforeEach(() => {
  engine = new TestEngine({
    runtimeScript,
    workers: { broken: '' },
    limits: { wallMs: 20_000, waitUntilMs: 300, idleMs: 20_000 },
  });
});

afterEach(() => engine.dispose());

function run(code: string): Promise<TestAnswer> {
  return engine.fetch('broken', { url: `${prelude} ${code}` });
}

const heardByIsolate = (): string[] => engine.logs.map(({ message }) => message);

async function opened(count: number): Promise<TestChannel[]> {
  const { opened: channels } = engine.channels;
  await until(
    () => channels.length >= count,
    () => `${channels.length} of ${count} channels`,
  );
  return channels;
}

async function onlyOpened(): Promise<TestChannel> {
  const [channel] = await opened(1);
  if (channel === undefined) throw new Error('no channel');
  return channel;
}

async function isolateHears(line: string): Promise<void> {
  await until(
    () => heardByIsolate().includes(line),
    () => `${line} among ${heardByIsolate().join(', ')}`,
  );
}

describe('a channel', () => {
  test('leads what both sides say to each other', async () => {
    void run(`open(1, 'websocket', 'argument'); data(1, 'text'); data(1, new Uint8Array(3).buffer);
      end(1, 'bye');`);
    const channel = await onlyOpened();
    await until(
      () => channel.endText === 'bye',
      () => 'the end',
    );
    expect(channel.request).toMatchObject({
      kind: 'websocket',
      argument: 'argument',
      handle: 'broken#1',
      requestId: 'request-broken',
      depth: 0,
    });
    expect(channel.heard).toEqual(['text', new Uint8Array(3)]);
    channel.port.message('head');
    channel.port.data(new Uint8Array(5));
    channel.port.data('');
    channel.port.end();
    await isolateHears('42 1 ');
    expect(heardByIsolate()).toEqual(['40 1 head', '41 1 #5', '41 1 ', '42 1 ']);
  });

  test('is reset at the end of its event', async () => {
    const answered = run('open(1); open(2); reset(2); open(3); end(3, ""); answer();');
    await answered;
    const [first, second, third] = engine.channels.opened;
    expect([first?.isReset, second?.isReset, third?.isReset]).toEqual([true, true, true]);
    first?.port.data('nobody hears this');
    expect(heardByIsolate()).toEqual([]);
  });

  test('that failed is over, and is not reset', async () => {
    const answered = run('open(1); globalThis.onChannel = () => { data(1, "late"); answer(); };');
    const channel = await onlyOpened();
    channel.port.error('refused');
    await answered;
    expect(heardByIsolate()).toEqual(['43 1 refused']);
    expect(channel).toMatchObject({ heard: [], isReset: false });
  });

  test('gives credit for what has left, and no more', async () => {
    void run('open(1); data(1, new ArrayBuffer(200_000)); data(1, new ArrayBuffer(1_000));');
    const channel = await onlyOpened();
    await until(
      () => channel.heard.length === 2,
      () => 'the data',
    );
    channel.port.sent(150_000);
    channel.port.sent(10_000);
    channel.port.sent(10 ** 9);
    await isolateHears('44 1 51000');
    expect(heardByIsolate()).toEqual(['44 1 150000', '44 1 51000']);
  });
});

describe('limits', () => {
  test('six channels wait for an answer at once, the next ones after them', async () => {
    void run('for (let i = 1; i <= 8; i += 1) { open(i); data(i, "x" + i); }');
    const channels = await opened(6);
    await engine.fetch('broken', { url: `${prelude} answer();` });
    expect(channels).toHaveLength(6);
    channels[0]?.port.message('head');
    channels[3]?.port.error('no');
    await opened(8);
    expect(channels.map(({ heard }) => heard[0])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `x${number}`),
    );
  });

  test('an event opens fifty channels, also one after the other', async () => {
    engine.channels.onOpen = (channel) => channel.port.end();
    void run('for (let i = 1; i <= 51; i += 1) { open(i); end(i, ""); }');
    await isolateHears('43 51 Too many subrequests: one event may make 50');
    await isolateHears('42 50 ');
    expect(engine.channels.opened).toHaveLength(50);
  });

  test('whoever sends far beyond the window loses the isolate', async () => {
    const answer = await run(
      'open(1); for (let i = 0; i < 40; i += 1) data(1, new ArrayBuffer(65_536)); answer();',
    );
    expect(answer.outcome.outcome).toBe('MemoryLimit');
  });

  test('before there is a far end, the window counts, too', async () => {
    const answer = await run(
      `for (let i = 1; i <= 7; i += 1) open(i);
       for (let i = 0; i < 40; i += 1) data(7, new ArrayBuffer(65_536)); answer();`,
    );
    expect(answer.outcome.outcome).toBe('MemoryLimit');
  });
});

describe('messages that make no sense', () => {
  test.each([
    'host(40, id, -1, "fetch", "{}")',
    'host(40, id, "1", "fetch", "{}")',
    'host(40, id)',
    'data(9, "x"); end(9); reset(9); credit(9, 5)',
    'open(5); open(5); open(4)',
  ])('%s is ignored', async (code) => {
    expect(await run(`${code}; answer();`)).toMatchObject({ status: 200, body: 'fine' });
    expect(engine.channels.opened.length).toBeLessThan(2);
  });

  test.each(['"other", "{}"', 'null, "{}"', '"fetch", 7', '"fetch", new ArrayBuffer(4)'])(
    'a channel of %s is refused',
    async (what) => {
      void run(`host(40, id, 1, ${what})`);
      await isolateHears('43 1 There is no such channel');
      expect(engine.channels.opened).toEqual([]);
    },
  );

  test('credit for what was never sent reaches nobody', async () => {
    const answered = run(
      `open(1); credit(1, 10 ** 9); globalThis.onChannel = () => { credit(1, 10 ** 9); answer(); };`,
    );
    const channel = await onlyOpened();
    channel.port.data(new Uint8Array(7));
    await answered;
    expect(channel.takenBytes).toBe(7);
  });

  test('data that is neither text nor a buffer is ignored', async () => {
    await run('open(1); data(1, 5); data(1, null); data(1); data(1, "x"); answer();');
    expect(engine.channels.opened[0]?.heard).toEqual(['x']);
  });

  test('another event cannot speak on a channel', async () => {
    void run('open(1);');
    const channel = await onlyOpened();
    await run('data(1, "stolen"); reset(1); answer();');
    expect(channel).toMatchObject({ heard: [], isReset: false });
  });
});

import { duplexPair } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestEngine, type TestAnswer } from './testing/test-engine.ts';

/**
 * A runtime in the hands of an attacker: it runs what the request's URL says, with `host`, `hostSync`
 * and the event's id at hand. The engine must take anything.
 */
const runtimeScript = `(host, hostSync) => (op, id, a, url) => {
  if (op === 2) globalThis[a] = {};
  if (op === 3) delete globalThis[a];
  if (op === 5) eval(url);
}`;

let engine: TestEngine;

beforeEach(() => {
  engine = new TestEngine({
    runtimeScript,
    workers: { broken: '' },
    // Only the floods last: they must end by what they send, not by the clock.
    limits: { wallMs: 20_000, waitUntilMs: 300, idleMs: 20_000, timers: 100 },
  });
});

afterEach(() => engine.dispose());

/** `answer` and `done` are the proper ending of the event. */
function attack(code: string): Promise<TestAnswer> {
  const answer =
    "const answer = () => host(2, id, 200, '', 1, 'fine'); const done = () => host(13, id);";
  return engine.fetch('broken', { url: `${answer} ${code}` });
}

test('the broken runtime can answer like a good one', async () => {
  expect(await attack('answer(); done();')).toMatchObject({
    status: 200,
    body: 'fine',
    outcome: { outcome: 'ok' },
  });
});

describe('a response head', () => {
  test.each(['199', '600', '200.5', 'NaN', '-1', '"200"', 'null', '2 ** 53', '200n', '{}'])(
    'with the status %s is an Exception',
    async (status) => {
      const answer = await attack(`host(2, id, ${status}, '', 1, 'x'); done();`);
      expect(answer).toMatchObject({ status: undefined, failure: 'Exception' });
    },
  );

  test.each([
    ['an odd number of parts', '"name"'],
    ['no text', '7'],
    ['a space in a name', '"a b\\nvalue"'],
    ['an empty name', '"\\nvalue"'],
    ['a line break in a value', '"name\\na\\r\\nx: y"'],
    ['a zero byte in a value', '"name\\na\\0b"'],
    ['a character beyond one byte', '"name\\n\\u0100"'],
    ['too many bytes', '"name\\n" + "x".repeat(40_000)'],
    ['too many lines', '"a\\nb" + "\\na\\nb".repeat(300)'],
  ])('with headers of %s is an Exception', async (_, headers) => {
    const answer = await attack(`host(2, id, 200, ${headers}, 1, 'x'); done();`);
    expect(answer).toMatchObject({ status: undefined, failure: 'Exception' });
  });

  test.each([
    '1, 7',
    '1, null',
    '2, "text"',
    '2, new Uint8Array(4)',
    '9, "x"',
    '"1", "x"',
    '{}, {}',
  ])('with the body %s is an Exception', async (body) => {
    const answer = await attack(`host(2, id, 200, '', ${body}); done();`);
    expect(answer).toMatchObject({ status: undefined, failure: 'Exception' });
  });

  test('counts only the first time', async () => {
    const answer = await attack(`answer(); host(2, id, 500, 'a\\nb', 1, 'second'); done();`);
    expect(answer).toMatchObject({ status: 200, headers: '', body: 'fine' });
  });

  test('after a failure is ignored', async () => {
    const answer = await attack(`host(9, id, 'no', ''); answer(); done();`);
    expect(answer).toMatchObject({ status: undefined, failure: 'Exception' });
  });
});

describe('messages that make no sense', () => {
  test.each([
    'host(2, 999, 200, "", 1, "other"); host(13, 999);',
    'host(2, -1); host(2, "1"); host(2, 1.5); host(2, {}); host(2); host();',
    'host(99, id); host(-1, id); host("2", id); host({}, id); host(null, id, {}, [], 1n);',
    'host(3, id, new ArrayBuffer(8)); host(4, id); host(5, id);',
    'host(6, id, 1e9); host(6, id, -1); host(6, id, "x"); host(7, id);',
    'host(8, id, "fatal", "x"); host(8, id, "error", {}); host(8, id);',
    'host(11, id, -1, 5); host(11, id, 1, NaN); host(11, id, "1", "2"); host(12, id, {});',
    'host(14, id, 1, "x", "y"); host(14, id, {}); host(15, id); host(1, id, "{"); host(1, 0, 5);',
    'for (const a of [[], {}, new Map(), new Date(), new Error("x")]) host(2, 999, a, a, a, a);',
  ])('%s changes nothing', async (code) => {
    expect(await attack(`${code} answer(); done();`)).toMatchObject({
      status: 200,
      body: 'fine',
      failure: undefined,
    });
  });

  test('what an unknown event logs is not logged, and its timers are not set', async () => {
    const code = "host(8, 999, 'log', 'x'); host(11, 999, 1, 0); host(9, 999, 'line', 'stack');";
    await attack(`${code} answer(); done();`);
    expect(engine.logs).toEqual([]);
  });

  test('pieces before the head and after the end reach nobody', async () => {
    const answer = await attack(`
      const piece = () => host(3, id, new Uint8Array([65]).buffer);
      piece(); host(2, id, 200, '', 3); piece(); host(4, id); piece(); host(4, id); done();`);
    expect(answer).toMatchObject({ status: 200, body: 'A', isComplete: true });
  });

  test('an event that is done without an answer is an Exception', async () => {
    expect((await attack('done();')).failure).toBe('Exception');
    const cut = await attack("host(2, id, 200, '', 3); done();");
    expect(cut).toMatchObject({
      status: 200,
      isComplete: false,
      outcome: { outcome: 'Exception' },
    });
  });

  test('what is asked at once gets no answer when it is malformed or too large', async () => {
    const questions =
      '[1, -1], [1, 1e9], [1, "8"], [1, NaN], [2, {}], [2, "x".repeat(1e5)], [3, "utf-16", 5], ' +
      '[3, "no such", new ArrayBuffer(8)], [3, "utf-16", new ArrayBuffer(2e6)], [9], []';
    const code = `const all = [${questions}].map((q) => hostSync(...q)); host(2, id, 200, '', 1, all.map((a) => typeof a).join());`;
    const { body } = await attack(`${code} done();`);
    expect(new Set(body.split(','))).toEqual(new Set(['undefined']));
  });
});

describe('floods', () => {
  test('of messages cost the sender its CPU time', async () => {
    const answer = await attack("for (;;) host(8, id, 'log', 'x');");
    expect(answer.failure).toBe('CpuTimeLimit');
  });

  test('of messages for no event cost the isolate', async () => {
    const answer = await attack('for (;;) host(13, 999);');
    expect(['CpuTimeLimit', 'Retired']).toContain(answer.failure);
  });

  test('of large texts end soon', async () => {
    const answer = await attack("const x = 'x'.repeat(1e7); for (;;) host(8, id, 'log', x);");
    expect(['CpuTimeLimit', 'MemoryLimit']).toContain(answer.failure);
    for (const record of engine.logs) expect(record.message.length).toBeLessThan(20_000);
  });

  test('of lines are cut at the limit of lines', async () => {
    await attack("for (let i = 0; i < 1000; i += 1) host(8, id, 'log', 'x'); answer(); done();");
    expect(engine.logs).toHaveLength(257);
  });

  test('of response pieces end at the window', async () => {
    let received = 0;
    const code = "host(2, id, 200, '', 3); for (;;) host(3, id, new ArrayBuffer(65536));";
    const { outcome, isComplete } = await engine.fetch('broken', {
      url: code,
      onChunk: (bytes) => (received += bytes),
    });
    expect({ outcome: outcome.outcome, isComplete }).toEqual({
      outcome: 'MemoryLimit',
      isComplete: false,
    });
    expect(received).toBeLessThan(2 * 1024 * 1024);
  });

  test('of timers end at twice the limit', async () => {
    const answer = await attack('for (let i = 1; ; i += 1) host(11, id, i, 1e6);');
    expect(answer.failure).toBe('MemoryLimit');
  });
});

test('what is said for no event is charged to the isolate, and forgiven with time', async () => {
  // 15 ms of CPU in each round; 5 % of the time between is forgiven. The limit is 100 ms.
  const round = 'for (let i = 0; i < 5_000; i += 1) host(99, 0); answer(); done();';
  const ends: unknown[] = [];
  for (let i = 0; i < 12; i += 1) {
    ends.push((await attack(round)).outcome.outcome);
    await delay(300);
  }
  expect(ends).toEqual(Array(12).fill('ok'));
  expect(engine.loads).toBe(1);
  const flood = await attack('for (let i = 0; i < 200_000; i += 1) host(99, 0); answer(); done();');
  expect(['CpuTimeLimit', 'Retired']).toContain(flood.failure);
});

describe('a WebSocket', () => {
  /** Runs the code with a connection that may be upgraded; answers what the client heard, too. */
  async function attackUpgrade(code: string): Promise<TestAnswer & { heard: Buffer }> {
    const [near, far] = duplexPair();
    const chunks: Buffer[] = [];
    far.on('data', (chunk: Buffer) => chunks.push(chunk));
    far.on('end', () => far.end());
    const url = `const up = () => host(50, id, ''); ${code}`;
    const answer = await engine.fetch('broken', { url, connection: () => near });
    await delay(20);
    far.destroy();
    return { ...answer, heard: Buffer.concat(chunks) };
  }

  test('is not for a request that did not ask', async () => {
    expect(await attack(`host(50, id, '');`)).toMatchObject({ failure: 'Exception' });
  });

  test.each(['7', '"name\\na\\r\\nx: y"', '{}'])(
    'with the headers %s is an Exception',
    async (headers) => {
      expect(await attackUpgrade(`host(50, id, ${headers});`)).toMatchObject({
        failure: 'Exception',
      });
    },
  );

  test('takes no message that is neither text nor bytes, and no code that cannot be sent', async () => {
    const { heard, outcome } = await attackUpgrade(`
      host(51, id, 'too early'); up(); up();
      for (const value of [1, null, {}, undefined]) host(51, id, value);
      for (const code of [0, 999, 1004, 1015, 2999, 5000, -1, NaN, '1000', null]) host(53, id, code, 'x');
      for (const bytes of [-1, NaN, 1e300, 'x']) host(52, id, bytes);
      host(3, id, new ArrayBuffer(9)); host(4, id); host(5, id, 'x'); host(2, id, 200, '', 1, 'again');
      host(51, id, 'fine'); host(53, id, 1000, 7); host(51, id, 'too late'); host(13, id);`);
    expect(heard).toEqual(
      Buffer.concat([Buffer.from([0x81, 4]), Buffer.from('fine'), Buffer.from([0x88, 2, 3, 0xe8])]),
    );
    expect(outcome.outcome).toBe('Exception');
  });

  test('whose event says it is done is closed with 1012', async () => {
    const { heard } = await attackUpgrade(`up(); host(13, id);`);
    expect(heard.subarray(0, 4).toString('hex')).toMatch(/^88..03f4$/);
  });

  test('cannot be used to fill the memory of the process', async () => {
    const answer = await attackUpgrade(
      `up(); const bytes = new ArrayBuffer(1024 * 1024); for (;;) host(51, id, bytes);`,
    );
    expect(answer.outcome.outcome).toMatch(/Limit$/);
  });
});

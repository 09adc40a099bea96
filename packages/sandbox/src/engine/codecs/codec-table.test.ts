import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestEngine, type TestAnswer } from '../testing/test-engine.ts';

/**
 * A runtime in the hands of an attacker: it runs what the request's URL says, with `call` for
 * questions about codecs, and answers with what it learned once `count` answers are there.
 */
const runtimeScript = `(host) => {
  let answers = [], want = 0, lastCall = 0, event = 0;
  const gzip = Uint8Array.fromBase64('${gzipSync(Buffer.alloc(4_000_000)).toString('base64')}').buffer;
  const call = (argument, bytes) => host(14, event, ++lastCall, 'codec', argument, bytes);
  const close = (id) => host(16, event, id);
  const finish = () => { host(2, event, 200, '', 1, answers.join(' ')); host(13, event); };
  return (op, id, a, b, c, d) => {
    if (op === 2) globalThis[a] = {};
    if (op === 3) delete globalThis[a];
    if (op === 5) { answers = []; event = id; want = eval(b); }
    if (op === 14) {
      answers.push(b === 1 ? c : 'refused');
      if (answers.length === want) finish();
    }
  };
}`;

let engine: TestEngine;

beforeEach(() => {
  engine = new TestEngine({ runtimeScript, workers: { broken: '' }, limits: { cpuMs: 5_000 } });
});

afterEach(() => engine.dispose());

async function attack(code: string): Promise<string> {
  const answer: TestAnswer = await engine.fetch('broken', { url: code });
  return answer.body;
}

test('calls that make no sense are refused', async () => {
  const answers = await attack(`
    call(undefined); call(''); call('write 1 compress gzip'); call('write 1 compress gzip', 'text');
    call('write 0 compress gzip', gzip); call('write 1.5 compress gzip', gzip); call('write x compress gzip', gzip);
    call('write 1 compress zip', gzip); call('write 1 pack gzip', gzip); call('read 1 compress gzip', gzip);
    call('write 1 compress gzip', new ArrayBuffer(300000));
    11`);
  expect(answers).toBe(Array.from({ length: 11 }, () => 'refused').join(' '));
});

test('a codec does one thing at a time, and no id comes twice', async () => {
  const busy = await attack(`
    call('write 1 decompress gzip', gzip); call('more 1 decompress gzip'); 2`);
  expect(busy.split(' ').toSorted()).toEqual(['1', 'refused']);
  expect(
    await attack(`call('write 2 compress gzip', gzip); close(2); call('end 2 compress gzip'); 2`),
  ).toBe('refused refused');
  expect(await attack(`call('write 2 compress gzip', gzip); 1`)).toBe('refused');
  expect(await attack(`call('write 3 compress gzip', gzip); 1`)).toBe('0');
});

test('there is room for so many, and an event that is over leaves none behind', async () => {
  const open = (from: number) => `
    for (let i = ${from}; i < ${from + 5}; i += 1) call('more ' + i + ' decompress brotli');
    5`;
  expect((await attack(open(1))).split(' ').toSorted()).toEqual([
    '0',
    '0',
    '0',
    'refused',
    'refused',
  ]);
  expect((await attack(open(6))).split(' ').toSorted()).toEqual([
    '0',
    '0',
    '0',
    'refused',
    'refused',
  ]);
});

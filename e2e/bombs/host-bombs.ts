import { cpuToSpare, type Bomb } from './bomb.ts';

const timesOut = ['429 CpuTimeLimit'] as const;
const timesOutOrOutgrows = ['429 CpuTimeLimit', '429 MemoryLimit'] as const;

/** What floods the process around the isolate: messages, timers, sync calls, bodies. */
export const hostBombs: readonly Bomb[] = [
  {
    name: 'a million timers',
    handler: 'for (let i = 0; i < 1_000_000; i += 1) setTimeout(() => {}, 60_000);',
    limits: cpuToSpare,
    // QuotaExceededError at the 10 001st.
    ends: ['500 Exception'],
  },
  {
    name: 'a million timers in spite of every error',
    handler: 'for (;;) { try { setTimeout(() => {}, 60_000); } catch {} }',
    ends: timesOut,
  },
  {
    name: 'ten thousand intervals that never rest',
    handler:
      'for (let i = 0; i < 9_000; i += 1) setInterval(() => {}, 0); await new Promise(() => {});',
    limits: { wallMs: 5_000 },
    ends: timesOut,
  },
  {
    name: 'timers set and cleared in a loop',
    handler: 'for (;;) clearTimeout(setTimeout(() => {}, 1_000));',
    ends: timesOut,
  },
  {
    name: 'a flood of log lines',
    handler: "const line = 'x'.repeat(10_000); for (;;) console.log(line);",
    ends: timesOutOrOutgrows,
  },
  {
    name: 'a flood of random bytes',
    handler: 'const bytes = new Uint8Array(65_536); for (;;) crypto.getRandomValues(bytes);',
    ends: timesOut,
  },
  {
    name: 'a flood of international host names',
    handler:
      "const name = 'ü'.repeat(60); for (let i = 0; ; i += 1) new URL('http://' + name + i + '.example/');",
    ends: timesOut,
  },
  {
    name: 'a flood of text decoding',
    handler: `const bytes = new Uint8Array(500_000).fill(0x81);
      for (;;) new TextDecoder('shift_jis').decode(bytes);`,
    ends: timesOutOrOutgrows,
  },
  {
    name: 'a response stream that is filled without end',
    handler: `const piece = new Uint8Array(65_536);
      return new Response(new ReadableStream({ start(c) { for (;;) c.enqueue(piece.slice()); } }));`,
    limits: cpuToSpare,
    ends: ['429 MemoryLimit', '500 Exception'],
  },
  {
    name: 'a response body of 500 MB',
    handler: "return new Response('x'.repeat(500_000_000));",
    limits: cpuToSpare,
    // Its head is out before the rest of the body is made.
    ends: ['429 MemoryLimit', '500 Exception', 'cut'],
  },
  {
    name: 'a response header of 1 MB',
    handler: "return new Response('', { headers: { 'x-large': 'x'.repeat(1_000_000) } });",
    ends: ['500 Exception'],
  },
  {
    name: 'ten thousand response headers',
    handler: `const headers = new Headers();
      for (let i = 0; i < 10_000; i += 1) headers.append('x-' + i, 'x');
      return new Response('', { headers });`,
    limits: cpuToSpare,
    ends: ['500 Exception'],
  },
  {
    name: 'a response header with a line break from a patched prototype',
    module: `Array.prototype.join = () => 'a\\r\\nb: c';
      String.prototype.split = () => ['a\\r\\nb: c'];
      RegExp.prototype.test = () => true;
      RegExp.prototype.exec = () => ['x'];`,
    handler: "return new Response('', { headers: { 'x-a': 'b\\r\\nset-cookie: c=d' } });",
    ends: ['500 Exception'],
  },
  {
    name: 'waitUntil of endless work',
    handler: 'ctx.waitUntil((async () => { for (;;) await null; })());',
    ends: ['200', '429 CpuTimeLimit'],
  },
  {
    name: 'a flood of waitUntil',
    handler: 'for (;;) ctx.waitUntil(new Promise(() => {}));',
    ends: timesOutOrOutgrows,
  },
];

import type { Bomb } from './bomb.ts';

const timesOut = ['429 CpuTimeLimit'] as const;

/** Code that runs for ever, or for far too long, in pieces that V8 can interrupt. */
export const cpuBombs: readonly Bomb[] = [
  { name: 'a loop', handler: 'for (;;);', ends: timesOut },
  { name: 'a loop after an await', handler: 'await null; for (;;);', ends: timesOut },
  {
    name: 'a loop in a timer',
    handler: 'await new Promise(() => setTimeout(() => { for (;;); }, 1));',
    ends: timesOut,
  },
  {
    name: 'a loop in a generator, an iterator and a proxy',
    handler: `const endless = new Proxy({}, { get: () => () => ({ next: () => ({ done: false }) }) });
      for (const value of endless);`,
    ends: timesOut,
  },
  {
    name: 'endless microtasks of promises',
    handler:
      'const spin = () => Promise.resolve().then(spin); spin(); await new Promise(() => {});',
    ends: timesOut,
  },
  {
    name: 'endless microtasks of queueMicrotask',
    handler: 'const spin = () => queueMicrotask(spin); spin(); await new Promise(() => {});',
    ends: timesOut,
  },
  { name: 'endless awaits', handler: 'for (;;) await null;', ends: timesOut },
  {
    name: 'endless thenables',
    handler: 'const thenable = { then(resolve) { resolve(thenable); } }; await thenable;',
    ends: timesOut,
  },
  {
    name: 'endless recursion',
    handler: 'const recurse = () => recurse() + 1; recurse();',
    ends: ['500 Exception'],
  },
  {
    name: 'recursion that catches its own overflow',
    handler: 'const recurse = () => { try { recurse(); } finally { recurse(); } }; recurse();',
    ends: timesOut,
  },
  {
    name: 'a loop that catches everything',
    handler: 'for (;;) { try { for (;;) null.x; } catch {} finally { continue; } }',
    ends: timesOut,
  },
  {
    name: 'a catastrophic regular expression',
    handler: "/^(a+)+$/.test('a'.repeat(64) + '!');",
    ends: timesOut,
  },
  {
    name: 'a catastrophic replacement',
    handler: "('x'.repeat(50_000)).replace(/x*x*x*x*y/g, '');",
    ends: timesOut,
  },
  {
    name: 'giant sorts',
    handler: 'const list = Array.from({ length: 500_000 }, Math.random); for (;;) list.sort();',
    ends: timesOut,
    mayReplace: 'native call',
  },
  {
    name: 'giant sorts of a typed array',
    handler: `const list = new Float64Array(1_000_000);
      for (;;) { for (let i = 0; i < list.length; i += 1) list[i] = Math.random(); list.sort(); }`,
    ends: timesOut,
  },
  {
    name: 'giant joins',
    handler: "const list = new Array(1_000_000).fill('ab'); for (;;) list.join('-');",
    ends: timesOut,
  },
  {
    name: 'JSON.stringify of 200 000 elements in a loop',
    handler:
      'const list = Array.from({ length: 200_000 }, (_, i) => i); for (;;) JSON.stringify(list);',
    ends: timesOut,
  },
  {
    name: 'JSON.parse of 200 000 elements in a loop',
    handler:
      'const text = JSON.stringify(Array.from({ length: 200_000 }, (_, i) => i)); for (;;) JSON.parse(text);',
    ends: timesOut,
  },
  {
    name: 'structuredClone of 200 000 elements in a loop',
    handler:
      'const list = Array.from({ length: 200_000 }, (_, i) => i); for (;;) structuredClone(list);',
    ends: timesOut,
  },
  {
    name: 'code made from strings',
    handler: "const text = 'x = x + 1;'.repeat(50_000); for (;;) new Function('x', text);",
    // Refused: parsing is a long native call, and deep source overflows the native stack.
    ends: ['500 Exception'],
  },
  {
    name: 'the sort of four billion holes',
    handler: 'Array(2 ** 32 - 1).sort();',
    ends: ['500 Exception', '429 CpuTimeLimit'],
  },
  {
    name: 'stack traces in a loop',
    handler: `Error.stackTraceLimit = Infinity;
      const dig = (depth) => (depth === 0 ? new Error('deep').stack : dig(depth - 1));
      for (;;) dig(3_000);`,
    ends: timesOut,
  },
  {
    name: 'a promise that never settles',
    handler: 'await new Promise(() => {});',
    limits: { wallMs: 300 },
    ends: ['504 WallClockTimeout'],
  },
  {
    name: 'a finalizer that never returns',
    handler: `const registry = new FinalizationRegistry(() => { for (;;); });
      for (let i = 0; i < 100_000; i += 1) registry.register({}, i);`,
    // Nobody has to hear of collected objects: the finalizer may never run at all.
    ends: ['200', '429 CpuTimeLimit'],
  },
];

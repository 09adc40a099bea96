import { cpuToSpare, type Bomb } from './bomb.ts';

const outgrows = ['429 MemoryLimit'] as const;
/** Where one step already asks for more than there may be, V8 throws a RangeError in its place. */
const outgrowsOrThrows = ['429 MemoryLimit', '500 Exception'] as const;

/** Code that wants more memory than an isolate may have. */
export const memoryBombs: readonly Bomb[] = [
  {
    name: 'growing arrays',
    handler: 'const keep = []; for (;;) keep.push(new Array(10_000).fill(1.5));',
    limits: cpuToSpare,
    ends: outgrows,
  },
  {
    name: 'one array that grows',
    handler: 'const keep = []; for (let i = 0; ; i += 1) keep.push(i + 0.5);',
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'growing objects',
    handler: 'let last = {}; for (;;) last = { last, a: {}, b: {}, c: {} };',
    limits: cpuToSpare,
    ends: outgrows,
  },
  {
    name: 'one object with ever more properties',
    handler: "const keep = {}; for (let i = 0; ; i += 1) keep['property' + i] = i;",
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'a growing string',
    handler: "let text = 'x'; for (;;) text += text;",
    limits: cpuToSpare,
    // A rope costs nothing: V8 refuses the first one that is too long.
    ends: ['500 Exception'],
  },
  {
    name: 'many flat strings',
    handler: `const keep = [];
      for (let i = 0; ; i += 1) if (/z/.test((keep[i] = 'x'.padEnd(1_000_000) + i))) break;`,
    limits: cpuToSpare,
    ends: outgrows,
  },
  {
    name: 'a string too long to be made flat',
    handler: "const text = 'xy'.repeat(2 ** 27); /z/.test(text + 'a');",
    limits: cpuToSpare,
    ends: ['200', ...outgrowsOrThrows],
  },
  {
    name: 'the spread of a giant string',
    handler: "const text = 'x'.repeat(2 ** 28); const list = [...text]; list.length;",
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'a giant array',
    handler: 'const list = new Array(2 ** 26).fill(0); list.length;',
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'typed arrays',
    handler: 'const keep = []; for (;;) keep.push(new Uint8Array(1_000_000).fill(1));',
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'typed arrays in spite of every error',
    handler: `const keep = [];
      for (;;) { try { keep.push(new Uint8Array(1_000_000).fill(1)); } catch {} }`,
    ends: ['429 MemoryLimit', '429 CpuTimeLimit'],
  },
  {
    name: 'one giant typed array',
    handler: 'new Uint8Array(2 ** 31).fill(1);',
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'resizable buffers',
    handler: `const keep = [];
      for (let i = 0; i < 100; i += 1) {
        const buffer = new ArrayBuffer(1, { maxByteLength: 2 ** 28 });
        buffer.resize(2 ** 28);
        new Uint8Array(buffer).fill(1);
        keep.push(buffer);
      }`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'resizable buffers by way of transfer',
    handler: `const keep = [];
      for (let i = 0; i < 100; i += 1) {
        const { buffer } = structuredClone(new Uint8Array(new ArrayBuffer(1, { maxByteLength: 2 ** 28 })));
        const moved = buffer.transfer(2 ** 26);
        moved.resize?.(2 ** 28);
        new Uint8Array(moved).fill(1);
        keep.push(moved);
      }`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'shared buffers',
    handler: `const keep = [];
      for (let i = 0; i < 100; i += 1) keep.push(new Uint8Array(new SharedArrayBuffer(2 ** 26)).fill(1));`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'shared buffers by way of a shared WebAssembly memory',
    handler: `const { constructor: Shared } =
        new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
      const keep = [];
      for (let i = 0; i < 100; i += 1) {
        const buffer = new Shared(1, { maxByteLength: 2 ** 26 });
        buffer.grow(2 ** 26);
        keep.push(new Uint8Array(buffer).fill(1));
      }`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'a flood of symbols',
    handler: "for (let i = 0; ; i += 1) Symbol.for('symbol' + i);",
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'a map that grows',
    handler: 'const keep = new Map(); for (let i = 0; ; i += 1) keep.set(i, {});',
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'many maps',
    handler: 'const keep = []; for (;;) keep.push(new Map([[{}, {}], [{}, {}]]));',
    limits: cpuToSpare,
    ends: outgrows,
  },
  {
    name: 'promises that nobody awaits',
    handler: 'const keep = []; for (;;) keep.push(new Promise(() => {}).then(() => {}));',
    limits: cpuToSpare,
    ends: outgrows,
  },
  {
    name: 'rejections that nobody handles',
    handler: "for (;;) Promise.reject(new Error('nobody'));",
    limits: { cpuMs: 1_000 },
    ends: ['429 MemoryLimit', '429 CpuTimeLimit'],
  },
  {
    name: 'regular expressions',
    handler: `const keep = [];
      for (let i = 0; ; i += 1) {
        keep.push(new RegExp('a{' + (i % 1000) + '}b' + i));
        keep.at(-1).test('aaab');
      }`,
    limits: { cpuMs: 1_000 },
    ends: ['429 MemoryLimit', '429 CpuTimeLimit'],
  },
  {
    name: 'formatters with memory of their own',
    handler: `const keep = [];
      for (let i = 0; ; i += 1) {
        keep.push(new Intl.DateTimeFormat('de', { dateStyle: 'full', timeStyle: 'full' }));
        keep.push(new Intl.NumberFormat('ja'), new Intl.Collator('sv'), new Intl.Segmenter('th'));
        keep.at(-4).format(i);
      }`,
    ends: ['429 MemoryLimit', '429 CpuTimeLimit'],
  },
];

import { cpuToSpare, type Bomb } from './bomb.ts';
import { growingModule, memoryModule, spinningModule } from './wasm-module.ts';

const outgrowsOrThrows = ['429 MemoryLimit', '500 Exception'] as const;
const timesOut = ['429 CpuTimeLimit'] as const;

export const wasmBombs: readonly Bomb[] = [
  {
    name: 'one giant WebAssembly memory',
    handler: `const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
      for (;;) { memory.grow(256); new Uint8Array(memory.buffer).fill(1); }`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'many WebAssembly memories',
    handler: `const keep = [];
      for (;;) {
        const memory = new WebAssembly.Memory({ initial: 256 });
        new Uint8Array(memory.buffer).fill(1);
        keep.push(memory);
      }`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'many WebAssembly instances with a memory each',
    handler: `const keep = [];
      const module = new WebAssembly.Module(${memoryModule(256)});
      for (;;) {
        const { m } = new WebAssembly.Instance(module).exports;
        new Uint8Array(m.buffer).fill(1);
        keep.push(m);
      }`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'WebAssembly memories that grow from inside',
    handler: `const keep = [];
      const module = new WebAssembly.Module(${growingModule()});
      for (;;) {
        const { g } = new WebAssembly.Instance(module).exports;
        keep.push(g);
        for (let i = 0; i < 4; i += 1) if (g() < 0) throw new RangeError('cannot grow');
      }`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'WebAssembly tables',
    handler: `const keep = [];
      for (;;) keep.push(new WebAssembly.Table({ initial: 1_000_000, element: 'anyfunc' }));`,
    limits: cpuToSpare,
    ends: outgrowsOrThrows,
  },
  {
    name: 'a loop in WebAssembly',
    handler: `new WebAssembly.Instance(new WebAssembly.Module(${spinningModule('when called')})).exports.s();`,
    ends: timesOut,
  },
  {
    name: 'a loop at the start of a WebAssembly instance',
    handler: `new WebAssembly.Instance(new WebAssembly.Module(${spinningModule('at start')}));`,
    ends: timesOut,
  },
  {
    name: 'a loop at the start of an instance made by instantiate',
    handler: `await WebAssembly.instantiate(${spinningModule('at start')});`,
    ends: timesOut,
  },
  {
    name: 'a loop in the continuation of WebAssembly.compile',
    handler: `await WebAssembly.compile(${memoryModule(1)}).then(() => { for (;;); });`,
    ends: timesOut,
  },
  {
    name: 'a loop in the continuation of WebAssembly.compile after the answer',
    handler: `WebAssembly.compile(${memoryModule(1)}).then(() => { for (;;); });`,
    // The loop may come before or after the answer; either way it must be stopped.
    ends: ['200', '429 CpuTimeLimit'],
  },
];

/** A hostile worker and what must come of one request to it. */
export interface Bomb {
  readonly name: string;
  /** The worker's module. */
  readonly code: string;
  /** Outcomes that are right; `ok` where the worker may well survive its own attack. */
  readonly outcomes: readonly string[];
}

const killed = ['CpuTimeLimit', 'MemoryLimit'];
/** The attack may also end in an error of the language. */
const stopped = [...killed, 'Exception'];
const harmless = ['ok', ...stopped];

function handler(name: string, body: string, outcomes: readonly string[] = killed): Bomb {
  return { name, code: `export default { async fetch(request) { ${body} } }`, outcomes };
}

function list(item: string): string {
  return `const list = []; for (let i = 0; ; i += 1) list.push(${item});`;
}

/** A module with one memory of its own, exported, and a function that grows it by 100 pages. */
const growingModule =
  'new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,5,3,1,0,1,7,14,2,1,109,2,0,6,103,114,111,' +
  '119,101,114,0,0,10,9,1,7,0,65,228,0,64,0,11])';

const emptyModule = 'new Uint8Array([0,97,115,109,1,0,0,0])';

export const bombs: readonly Bomb[] = [
  // Time
  { name: 'while(true) at module scope', code: 'while (true);', outcomes: ['CpuTimeLimit'] },
  handler('while(true) in a handler', 'while (true);', ['CpuTimeLimit']),
  handler('endless microtasks', 'for (;;) await null;', ['CpuTimeLimit']),
  handler('endless then', 'const go = () => Promise.resolve().then(go); await go();', [
    'CpuTimeLimit',
  ]),
  handler('recursion', 'const f = () => f() + 1; return new Response(f());', ['Exception']),
  handler(
    'recursion that goes on after the stack overflowed',
    'function f() { try { f(); } finally { f(); } } f();',
  ),
  handler('catastrophic regex', "/^(a+)+$/.test('a'.repeat(40) + 'b');", ['CpuTimeLimit']),
  handler(
    'catastrophic regex in a catch loop',
    "for (;;) try { /^(a+)+$/.test('a'.repeat(40) + 'b'); } catch {}",
    ['CpuTimeLimit'],
  ),
  handler('while(true) in a proxy', 'new Proxy({}, { get() { while (true); } }).x;', [
    'CpuTimeLimit',
  ]),
  handler(
    'a timer that does not end',
    'setTimeout(() => { while (true); }); await new Promise(() => {});',
    ['CpuTimeLimit'],
  ),
  handler(
    'busy timers',
    'setInterval(() => {}, 0); const f = () => { for (let i = 0; i < 1e5; i += 1); setTimeout(f); }; f(); await new Promise(() => {});',
    ['CpuTimeLimit'],
  ),
  // Memory
  handler('growing array', list('new Array(1000).fill(1.5)')),
  handler('growing array of numbers', list('i')),
  handler('doubling array', 'let a = [1]; for (;;) a = a.concat(a);'),
  handler('growing array of objects', list('{ i, o: {} }')),
  handler('growing object', 'const o = {}; for (let i = 0; ; i += 1) o[`k${i}`] = i;'),
  handler('growing strings', list("'x'.repeat(1000) + i")),
  handler('doubling string', "let s = 'xy'; for (;;) { s += s; s.charCodeAt(1); }", stopped),
  handler('typed arrays', list('new Uint8Array(1e6).fill(1)'), stopped),
  handler(
    'typed arrays in a catch loop',
    'const l = []; for (;;) try { l.push(new Uint8Array(1e6).fill(1)); } catch {}',
  ),
  handler('tiny buffers', list('new Uint8Array(8).buffer')),
  handler(
    'buffers that move on',
    'let b = new ArrayBuffer(8); const l = []; for (;;) { b = b.transfer(5e7); new Uint8Array(b).fill(1); l.push(b); b = new ArrayBuffer(8); }',
    stopped,
  ),
  handler(
    'resizable buffer',
    'const b = new ArrayBuffer(1, { maxByteLength: 2 ** 33 }); for (let n = 1; ; n += 1e7) { b.resize(n); new Uint8Array(b).fill(1); }',
    ['Exception'],
  ),
  handler('shared buffer', 'const b = new SharedArrayBuffer(2 ** 32); new Uint8Array(b).fill(1);', [
    'Exception',
  ]),
  handler(
    'shared WebAssembly memory',
    'new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });',
    ['Exception'],
  ),
  handler(
    'one WebAssembly memory',
    'const m = new WebAssembly.Memory({ initial: 1 }); for (;;) { m.grow(100); new Uint8Array(m.buffer).fill(1); }',
    stopped,
  ),
  handler(
    'many WebAssembly memories',
    list('new Uint8Array(new WebAssembly.Memory({ initial: 1000 }).buffer).fill(1)'),
    stopped,
  ),
  handler(
    'WebAssembly memory that grows from inside',
    `const l = []; for (;;) { const { m, grower } = new WebAssembly.Instance(new WebAssembly.Module(${growingModule})).exports; while (grower() !== -1) new Uint8Array(m.buffer).fill(1); l.push(m); }`,
    stopped,
  ),
  handler(
    'WebAssembly tables',
    list("new WebAssembly.Table({ element: 'anyfunc', initial: 1e6 })"),
    stopped,
  ),
  handler('WebAssembly modules', list(`new WebAssembly.Module(${emptyModule})`)),
  handler('Map flood', 'const m = new Map(); for (let i = 0; ; i += 1) m.set(i, {});', stopped),
  handler('Set flood', 'const m = new Set(); for (let i = 0; ; i += 1) m.add(i);', stopped),
  handler('symbol flood', list("Symbol('x')")),
  handler('registered symbols', "for (let i = 0; ; i += 1) Symbol.for('x'.repeat(100) + i);"),
  handler(
    'unawaited promises',
    'const f = async () => { await new Promise(() => {}); }; for (;;) f();',
  ),
  handler('closures', list('((b) => () => b)(new Array(10))')),
  handler('nested arrays', 'let a = []; for (;;) a = [a];'),
  handler(
    'errors with deep stacks',
    'Error.stackTraceLimit = 1e9; const l = []; const f = () => { l.push(new Error()); f(); }; for (;;) try { f(); } catch {}',
  ),
  // Single calls that are too large
  handler(
    'giant sort',
    'const a = Array.from({ length: 4e6 }, (_, i) => (i * 7919) % 1000003); for (;;) a.sort((x, y) => x - y);',
  ),
  handler(
    'giant sort of a typed array',
    'const a = Float64Array.from({ length: 2e6 }, Math.random); for (;;) a.slice().sort();',
  ),
  handler('giant join', 'for (;;) new Array(3e6).fill("abcdefghij").join();', stopped),
  handler('giant array', 'new Array(1e8).fill(7);', stopped),
  handler('giant array from a length', 'Array.from({ length: 1e9 });', stopped),
  handler('spread of a giant string', "[...'a'.repeat(2 ** 28)];", stopped),
  handler('giant string split', "'ab'.repeat(2 ** 27).split('');", stopped),
  handler('giant string matched', "'a'.repeat(2 ** 28).match(/a/g);", stopped),
  handler('giant string replaced', "'a'.repeat(2 ** 28).replaceAll('a', 'bb');", stopped),
  handler(
    'JSON of 200 000 elements in a loop',
    'const a = Array.from({ length: 200_000 }, (_, i) => i); for (;;) JSON.stringify(a);',
  ),
  handler(
    'JSON of 200 000 elements in a catch loop',
    'const a = Array.from({ length: 200_000 }, (_, i) => i); for (;;) try { JSON.stringify(a); } catch {}',
  ),
  handler(
    'JSON.parse in a loop',
    'const s = JSON.stringify(Array.from({ length: 200_000 }, (_, i) => i)); for (;;) try { JSON.parse(s); } catch {}',
  ),
  handler('giant JSON text', "JSON.parse('[' + '{},'.repeat(5e7) + '1]');", stopped),
  handler(
    'BigInt that grows',
    'let x = 3n; const l = []; for (;;) { x <<= 100_000n; l.push(x); }',
    stopped,
  ),
  handler('filling 64 MB in a loop', 'const a = new Uint8Array(6.4e7); for (;;) a.fill(1);'),
  handler('normalizing in a loop', "const s = 'é'.repeat(1e6); for (;;) s.normalize('NFD');"),
  handler('encoding in a loop', "const s = 'é'.repeat(1e6); for (;;) encodeURIComponent(s);"),
  handler('hex in a loop', 'const a = new Uint8Array(1e7); for (;;) a.toHex();'),
  // Errors
  handler(
    'thrown error with an endless getter',
    'throw Object.defineProperty(new Error(), "message", { get() { while (true); } });',
    killed,
  ),
  handler(
    'thrown proxy with endless traps',
    'throw new Proxy({}, { get() { while (true); }, getPrototypeOf() { while (true); } });',
    killed,
  ),
  handler(
    'rejected error with an endless getter',
    'Promise.reject({ get message() { while (true); } }); return new Response("x");',
    harmless,
  ),
  handler(
    'Error.prepareStackTrace',
    'Error.prepareStackTrace = () => { while (true); }; throw new Error("x");',
    killed,
  ),
  handler(
    'response with endless getters',
    'return { get status() { while (true); }, get headers() { while (true); } };',
    harmless,
  ),
  handler('thenable that never ends', 'return { then() { while (true); } };', killed),
  // Background
  handler(
    'FinalizationRegistry callbacks',
    'const r = new FinalizationRegistry(() => { while (true); }); for (let i = 0; i < 2e5; i += 1) r.register({}, 1); return new Response("x");',
    harmless,
  ),
  handler(
    'continuations of WebAssembly.compile',
    `const go = () => WebAssembly.compile(${emptyModule}).then(go); await go();`,
    killed,
  ),
  handler(
    'a million timers',
    'for (let i = 0; i < 1e6; i += 1) setTimeout(() => {}, 1e6); return new Response("x");',
    harmless,
  ),
  handler(
    'a microtask left behind',
    'queueMicrotask(() => { while (true); }); return new Response("x");',
    harmless,
  ),
  // Output
  handler('log flood', 'for (;;) console.log("x".repeat(1000));'),
  handler(
    'huge headers',
    'const h = new Headers(); for (let i = 0; i < 1e4; i += 1) h.append("x" + i, "y".repeat(1000)); return new Response("", { headers: h });',
    ['Exception', 'CpuTimeLimit'],
  ),
  handler(
    'endless response stream',
    'return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1e5)); } }));',
    harmless,
  ),
  handler(
    'response stream that ignores the window',
    'return new Response(new ReadableStream({ start(c) { for (;;) c.enqueue(new Uint8Array(1e5)); } }));',
    stopped,
  ),
  handler('code from strings', 'return new Function("while (true);")();', ['Exception']),
];

/**
 * What nobody can stop: one native call that takes for ever, or code that V8 runs for isolated-vm after
 * the isolate was ended. The event ends all the same; the process has to be replaced.
 */
export const unstoppableBombs: readonly Bomb[] = [
  handler('text of a giant BigInt', '`${1n << 300_000_000n}`;'),
  handler('search in an endless list', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);'),
  handler(
    'rejected error with two endless getters',
    'Promise.reject({ get message() { while (true); }, get stack() { while (true); } }); await new Promise(() => {});',
  ),
];

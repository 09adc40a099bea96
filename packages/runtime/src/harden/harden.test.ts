import ivm from 'isolated-vm';
import { beforeAll, expect, test } from 'vitest';
import { bundleForTest } from '../testing/bundle.ts';

let context: ivm.Context;

beforeAll(async () => {
  const isolate = new ivm.Isolate({ memoryLimit: 128 });
  context = await isolate.createContext();
  // Evaluating the bundle hardens the realm; `boot` is not needed for that.
  const script = await isolate.compileScript(bundleForTest());
  await script.run(context, { reference: true });
});

/** What the code gives, or the error it throws, as text. */
function run(code: string): Promise<unknown> {
  return context.eval(
    `(() => { try { return String((() => { ${code} })()); } catch (e) { return e.name + ': ' + e.message; } })()`,
    { copy: true },
  );
}

test.each([
  'SharedArrayBuffer',
  'Atomics.wait',
  'Atomics.waitAsync',
  'Atomics.notify',
  'ArrayBuffer.prototype.resize',
  'WebAssembly.promising',
  'WebAssembly.Suspending',
  'WebAssembly.Memory.prototype.toResizableBuffer',
])('%s is gone', async (path) => {
  const [, owner = 'globalThis', name = ''] = /^(?:(.*)\.)?([^.]+)$/.exec(path) ?? [];
  expect(await run(`return '${name}' in ${owner};`)).toBe('false');
});

test.each([
  'eval("1")',
  'Function("return 1")()',
  'new Function("return 1")()',
  '(() => {}).constructor("return 1")()',
  '(async () => {}).constructor("return 1")()',
  '(function* () {}).constructor("yield 1")()',
  '(async function* () {}).constructor("yield 1")()',
  'Reflect.construct(Function, ["return 1"])()',
  'class A extends Function {} return new A("return 1")()',
])('no code comes from a string: %s', async (code) => {
  expect(await run(code.includes('return new') ? code : `return ${code};`)).toMatch(/^EvalError/);
});

test('no way leads back to an original constructor', async () => {
  const roots = [
    'new ArrayBuffer(1)',
    'new Uint8Array(1).buffer',
    'new ArrayBuffer(8).slice(1)',
    'new ArrayBuffer(8).transfer()',
    'new WebAssembly.Memory({ initial: 1 }).buffer',
  ];
  for (const root of roots) {
    expect(await run(`return (${root}).constructor === ArrayBuffer;`)).toBe('true');
    expect(await run(`return new (${root}).constructor(1, { maxByteLength: 9 });`)).toMatch(
      /^RangeError/,
    );
  }
  expect(await run('return ArrayBuffer.prototype.constructor === ArrayBuffer;')).toBe('true');
  expect(await run('return ArrayBuffer[Symbol.species] === ArrayBuffer;')).toBe('true');
});

test('what is replaced looks and works as before', async () => {
  expect(await run('return [JSON.parse.name, JSON.parse.length].join();')).toBe('parse,2');
  expect(await run('return "prototype" in JSON.stringify;')).toBe('false');
  expect(await run('return new JSON.parse("1");')).toMatch(/^TypeError/);
  expect(await run('return Object.keys(JSON).length;')).toBe('0');
  expect(await run('return JSON.stringify({ a: [1] }, null, 1).length;')).toBe('18');
  expect(await run('return "a-b".split("-").join();')).toBe('a,b');
  expect(await run('return "aXa".replace(/x/i, (x) => x + x);')).toBe('aXXa');
  expect(await run('return [3, 1, 2].sort((a, b) => b - a).join();')).toBe('3,2,1');
  expect(await run('return Array.from({ length: 2 }, (_, i) => i).join();')).toBe('0,1');
  expect(await run('class A extends Array {} return A.from([1]) instanceof A;')).toBe('true');
  expect(await run('class B extends ArrayBuffer {} return new B(4) instanceof B;')).toBe('true');
  expect(await run('return (() => {}) instanceof Function;')).toBe('true');
  expect(await run('return Object.getPrototypeOf(async () => {}) === Function.prototype;')).toBe(
    'false',
  );
});

test('a FinalizationRegistry takes everything and checks its arguments', async () => {
  expect(await run('new FinalizationRegistry(() => {}).register({}, 1); return "ok";')).toBe('ok');
  expect(await run('return new FinalizationRegistry(() => {}).unregister({});')).toBe('false');
  expect(await run('FinalizationRegistry(() => {});')).toMatch(/^TypeError/);
  expect(await run('new FinalizationRegistry();')).toMatch(/^TypeError/);
  expect(await run('new FinalizationRegistry(() => {}).register(1);')).toMatch(/^TypeError/);
  expect(await run('FinalizationRegistry.prototype.register.call({}, {});')).toMatch(/^TypeError/);
});

test.each([
  ['a memory that is shared', 'new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })'],
  [
    'a memory that says so late',
    'new WebAssembly.Memory({ initial: 1, maximum: 2, get shared() { return true; } })',
  ],
  ['a memory of 64 bits', 'new WebAssembly.Memory({ initial: 1n, address: "i64" })'],
  ['a memory that is too large', 'new WebAssembly.Memory({ initial: 4000 })'],
  [
    'a module with shared memory',
    'new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0,5,4,1,3,1,2]))',
  ],
  ['something that is no binary', 'new WebAssembly.Module({ byteLength: 8 })'],
])('WebAssembly refuses %s', async (_, code) => {
  expect(await run(`return ${code};`)).toMatch(/^(Type|Range|Compile)Error/);
});

test('WebAssembly memory is counted over all memories, also with a patched realm', async () => {
  const fill =
    'const kept = []; for (let i = 0; i < 10; i += 1) kept.push(new WebAssembly.Memory({ initial: 400 }));';
  expect(await run(`${fill} return kept.length;`)).toMatch(/^RangeError/);
  const patch = `const { get } = WeakMap.prototype; const { deref } = WeakRef.prototype;
    WeakRef.prototype.deref = () => undefined; WeakMap.prototype.get = () => 0;
    Array.prototype[Symbol.iterator] = function* () {};
    const kept = []; let i = 0;
    try { for (; i < 10; i += 1) kept[i] = new WebAssembly.Memory({ initial: 400 }); } catch {}
    return i < 10;`;
  expect(await run(patch)).toBe('true');
});

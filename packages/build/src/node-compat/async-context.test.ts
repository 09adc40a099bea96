import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@openworkers/core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { prepareVersion } from '../prepare-version.ts';
import { PreparedWorker } from '../testing/run-prepared.ts';

let folder: string;
let worker: PreparedWorker | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ow-als-'));
});
afterEach(() => worker?.dispose());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(text: string, flags: string[] = []): Promise<PreparedWorker> {
  writeFileSync(join(folder, 'worker.ts'), text);
  const source = { kind: 'file', path: 'worker.ts' } as const;
  worker = await PreparedWorker.start({ source, cwd: folder, compatibilityFlags: flags });
  return worker;
}

/** What the body of an async function returns in a real isolate. */
async function run(body: string): Promise<unknown> {
  const started = await start(`
    import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
    const storage = new AsyncLocalStorage<any>();
    const get = () => storage.getStore() ?? 'none';
    export default { async fetch(request: Request): Promise<Response> {
      const result = await (async () => { ${body} })();
      return Response.json(result);
    } };`);
  return started.json('/');
}

test('a store follows awaits, promises, timers and microtasks, and ends with its run', async () => {
  expect(
    await run(`
      const seen: unknown[] = [];
      const steps = async (name: string) => {
        seen.push(get());
        await null; seen.push(get());
        await new Promise((resolve) => setTimeout(resolve, 1)); seen.push(get());
        await scheduler.wait(1); seen.push(get());
        await new Promise<void>((resolve) => queueMicrotask(() => { seen.push(get()); resolve(); }));
        await Promise.all([Promise.resolve().then(() => seen.push(get())), Promise.reject(1).catch(() => seen.push(get()))]);
        await Promise.resolve().finally(() => seen.push(get()));
        await new Promise<void>((resolve) => setTimeout(() => { seen.push(get()); resolve(); }, 0));
        await new Promise<void>((resolve) => setImmediate(() => { seen.push(get()); resolve(); }));
        let turns = 0;
        await new Promise<void>((resolve) => { const id = setInterval(() => { turns += 1; if (turns === 2) { seen.push(get()); clearInterval(id); resolve(); } }, 1); });
        try { await Promise.reject(new Error()); } catch { seen.push(get()); }
        return name;
      };
      const name = await storage.run('inside', steps, 'done');
      return [name, [...new Set(seen)], seen.length, get()];`),
  ).toEqual(['done', ['inside'], 12, 'none']);
});

test('runs at the same time do not see each other, nested ones see the inner', async () => {
  expect(
    await run(`
      const other = new AsyncLocalStorage<string>();
      const task = (name: string, delay: number) => storage.run(name, async () => {
        await scheduler.wait(delay);
        const inner = await storage.run(name + '-inner', async () => { await null; return get(); });
        await null;
        return [get(), inner, other.getStore()];
      });
      return await other.run('both', () => Promise.all([task('a', 3), task('b', 1), task('c', 2)]));`),
  ).toEqual([
    ['a', 'a-inner', 'both'],
    ['b', 'b-inner', 'both'],
    ['c', 'c-inner', 'both'],
  ]);
});

test('async generators, for await, and methods with super keep the store', async () => {
  expect(
    await run(`
      async function* count() { for (let i = 0; i < 2; i += 1) { await scheduler.wait(1); yield [i, get()]; } }
      class Base { async name() { await null; return get(); } }
      class Derived extends Base { override async name() { return 'derived ' + await super.name(); } }
      return await storage.run('kept', async () => {
        const seen: unknown[] = [];
        for await (const item of count()) seen.push(item, get());
        for await (const chunk of new Response('x').body!) seen.push(chunk.length, get());
        seen.push(await new Derived().name(), await new Response('text').text(), get());
        seen.push((await crypto.subtle.digest('SHA-256', new Uint8Array(1))).byteLength, get());
        const arrow = async () => { await null; return get(); };
        seen.push(await arrow());
        return seen;
      });`),
  ).toEqual([
    [0, 'kept'],
    'kept',
    [1, 'kept'],
    'kept',
    1,
    'kept',
    'derived kept',
    'text',
    'kept',
    32,
    'kept',
    'kept',
  ]);
});

test('run, exit, enterWith, disable, bind, snapshot and AsyncResource', async () => {
  expect(
    await run(`
      const seen: unknown[] = [];
      const fallback = new AsyncLocalStorage({ defaultValue: 'default', name: 'named' });
      seen.push(fallback.getStore(), fallback.name);
      const { bound, snapshot, resource } = storage.run('early', () => ({
        bound: AsyncLocalStorage.bind((a: number, b: number) => [get(), a + b]),
        snapshot: AsyncLocalStorage.snapshot(),
        resource: new AsyncResource('Mine'),
      }));
      seen.push(bound(1, 2), snapshot((x: unknown) => [get(), x], 'x'), resource.runInAsyncScope(function (this: unknown, x: number) { return [get(), this, x]; }, 'self', 3), resource.bind(get)());
      seen.push(storage.run('outer', () => [get(), storage.exit(get), get()]));
      try { storage.run('thrown', () => { throw new Error('out'); }); } catch { seen.push(get()); }
      const entered = (async () => { storage.enterWith('entered'); await scheduler.wait(1); return get(); })();
      seen.push(await entered);
      await storage.run('x', async () => { storage.disable(); seen.push(get()); await null; seen.push(get()); });
      return seen;`),
  ).toEqual([
    'default',
    'named',
    ['early', 3],
    ['early', 'x'],
    ['early', 'self', 3],
    'early',
    ['outer', 'none', 'outer'],
    'none',
    'entered',
    'none',
    'none',
  ]);
});

test('what a handler enters ends with its request', async () => {
  const started = await start(`
    import { AsyncLocalStorage } from 'async_hooks';
    const storage = new AsyncLocalStorage<string>();
    export default { fetch(request: Request): Response | Promise<Response> {
      const before = storage.getStore();
      const { pathname } = new URL(request.url);
      storage.enterWith(pathname);
      return scheduler.wait(2).then(() => Response.json([before, storage.getStore()]));
    } };`);
  const answers = await Promise.all(['/a', '/b'].map((path) => started.json(path)));
  expect(answers).toEqual([
    [null, '/a'],
    [null, '/b'],
  ]);
});

test('who does not import it keeps native awaits and an untouched Promise', async () => {
  const text = `export default { async fetch() { await null; return Response.json(String(Promise.prototype.then).includes('native')); } };`;
  const started = await start(text);
  expect(started.prepared.code).toContain('await null');
  expect(await started.json('/')).toBe(true);
});

test('what is only tried needs the flag nodejs_als', async () => {
  const text = `export default { async fetch() {
    const hooks = await import('node:async_hooks').catch(() => undefined);
    const storage = hooks && new hooks.AsyncLocalStorage();
    return Response.json(await storage?.run('kept', async () => { await null; return storage.getStore(); }) ?? 'absent');
  } };`;
  expect(await (await start(text)).json('/')).toBe('absent');
  worker?.dispose();
  expect(await (await start(text, ['nodejs_als'])).json('/')).toBe('kept');
});

test('with a top-level await it is refused to who imports it, and kept from who only tries', async () => {
  const tried = `const hooks = await import('node:async_hooks').catch(() => undefined);
    export default { fetch: () => Response.json(typeof hooks) };`;
  expect(await (await start(tried, ['nodejs_als'])).json('/')).toBe('undefined');
  const imported = `import { AsyncLocalStorage } from 'node:async_hooks'; await null;
    export default { fetch: () => new Response(AsyncLocalStorage.name) };`;
  await expect(start(imported)).rejects.toMatchObject({
    code: 'build_failed',
    message: expect.stringContaining('top-level await cannot be used together with'),
  });
});

test('the Promise that the worker sees looks as everywhere', async () => {
  expect(
    await run(`
      const { then } = Promise.prototype;
      const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(Promise.prototype, 'then')!;
      class Own extends Promise<number> {}
      let thrown; try { then.call({} as never); } catch (error) { thrown = (error as Error).constructor.name; }
      return [then.name, then.length, 'prototype' in then, writable, enumerable, configurable,
        Own.resolve(1).then((x) => x) instanceof Own, thrown, await Promise.resolve(1).then(null, null)];`),
  ).toEqual(['then', 2, false, true, false, true, true, 'TypeError', 1]);
});

test('code that is sent as text can use it', async () => {
  const text = `import { AsyncLocalStorage } from 'node:async_hooks';
    export default { fetch: () => new AsyncLocalStorage().run(1, () => new Response('x')) };`;
  const prepared = await prepareVersion({
    source: { kind: 'text', name: 'worker.ts', text },
    cwd: '/',
    env: [],
    log: createLogger({ role: 'test', level: 'silent' }),
  });
  expect(prepared.handlers).toEqual(['fetch']);
});

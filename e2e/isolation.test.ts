import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { webGlobals, missingGlobals } from './isolation/globals.ts';
import { graphWalk } from './isolation/graph-walk.ts';
import { pollution } from './isolation/pollution.ts';
import { WorkerProbe } from './isolation/worker-probe.ts';
import { until } from './testing/http-client.ts';

let probe: WorkerProbe;

beforeAll(async () => {
  probe = await WorkerProbe.open();
});
afterAll(() => probe.close());

describe('what a worker can see', () => {
  test('globalThis holds the language and the web, and nothing else', async () => {
    const names = await probe.run('return Reflect.ownKeys(globalThis).map(String);');
    const language: unknown = runInNewContext('Reflect.ownKeys(globalThis).map(String)');
    const known = new Set<unknown>([...asTexts(language), ...webGlobals]);
    expect(asTexts(names).filter((name) => !known.has(name))).toEqual([]);
    expect(asTexts(names).filter((name) => missingGlobals.includes(name))).toEqual([]);
  });

  test('nothing that can be reached from any value belongs to Node or to another realm', async () => {
    const found = await probe.run(
      `return (${graphWalk})([
      globalThis, request, env, ctx, request.headers, request.signal, request.cf, request.body,
      new Response('x'), new Error('x'), (function () { return arguments; })(), async () => {},
      function* () {}, import.meta, imported,
    ]);`,
      "import * as imported from 'cloudflare:workers';",
    );
    expect(found).toEqual({ foreign: [], suspicious: [], size: expect.any(Number) });
    expect(found).toMatchObject({ size: expect.toSatisfy((size: number) => size > 500) });
  });

  test('a constructor of a constructor makes no code from a string', async () => {
    const seen = await probe.run(`
      const makers = [
        env.constructor?.constructor, request.constructor.constructor, ctx.constructor?.constructor,
        (async () => {}).constructor, (function* () {}).constructor, setTimeout.constructor,
        console.log.constructor, Response.json.constructor, globalThis.crypto?.getRandomValues.constructor,
        Function, Object.getPrototypeOf(async function* () {}).constructor, eval,
      ].filter((maker) => maker !== undefined);
      const ends = [];
      for (const maker of makers) {
        for (const make of [() => maker('return this'), () => new maker('return process'), () => Reflect.construct(maker, ['1'], Object), () => Reflect.apply(maker, null, ['typeof process'])]) {
          try { make(); ends.push('made ' + maker.name); }
          catch (error) { ends.push(error instanceof Error ? 'refused' : 'foreign error'); }
        }
      }
      return [...new Set(ends)];`);
    expect(seen).toEqual(['refused']);
  });

  test.each([
    'node:fs',
    'fs',
    'node:process',
    'file:///etc/passwd',
    '/etc/passwd',
    './worker.js',
    'worker',
    'ready',
    'openworkers:ready',
    'openworkers:runtime',
    'data:text/javascript,export default 1',
    'isolated-vm',
    'cloudflare:sockets',
    '',
  ])('import(%j) rejects', async (specifier) => {
    const seen = await probe.run(`
      try { await import(${JSON.stringify(specifier)}); return 'imported'; }
      catch (error) { return error instanceof Error ? 'refused' : 'foreign error'; }`);
    expect(seen).toBe('refused');
  });

  test('import.meta tells no path', async () => {
    const seen = await probe.run(
      'return Reflect.ownKeys(import.meta).map((key) => String(import.meta[key]));',
    );
    expect(asTexts(seen).filter((text) => /[/\\]|file:/.test(text))).toEqual([]);
  });
});

describe('the stack', () => {
  const throwing = [
    "new URL('http://')",
    "new Response('', { status: 9999 })",
    "new Headers([['a b', 'c']])",
    'null.property',
    'crypto.getRandomValues(new Uint8Array(70_000))',
    'structuredClone(() => {})',
    "atob('*')",
    "await crypto.subtle.digest('none', new Uint8Array(1))",
    "await import('node:fs')",
    "await fetch('http://localhost/')",
    'request.headers.get(Symbol())',
    "new TextDecoder('none')",
  ];

  test('its text names no file of the platform', async () => {
    const texts = await probe.run(`const texts = [];
      ${throwing.map((code) => `try { ${code}; } catch (error) { texts.push(String(error.stack) + String(error.message)); }`).join('\n')}
      return texts;`);
    expect(asTexts(texts).length).toBeGreaterThan(8);
    expect(
      asTexts(texts).filter((text) => /node:|file:|packages|isolated|\/work|\/src\//.test(text)),
    ).toEqual([]);
  });

  test('its call sites give away neither functions nor receivers', async () => {
    const seen = await probe.run(`const seen = [];
      Error.prepareStackTrace = (error, sites) => {
        for (const site of sites) {
          const name = site.getFileName() ?? '';
          if (name === 'worker.js' || name.startsWith('file:')) continue;
          for (const part of ['getFunction', 'getThis']) {
            const value = site[part]();
            if (value !== undefined && value !== globalThis) seen.push(part + ' of ' + name);
          }
        }
        return 'prepared';
      };
      ${throwing.map((code) => `try { ${code}; } catch (error) { void error.stack; }`).join('\n')}
      const made = {}; Error.captureStackTrace(made); void made.stack;
      return seen;`);
    expect(seen).toEqual([]);
  });
});

describe('patched built-ins', () => {
  test('nothing of the platform runs through them, and requests are answered as before', async () => {
    const host = await probe.deploy(pollution);
    for (const path of ['/text', '/json', '/stream', '/headers', '/timer', '/error', '/text']) {
      const answer = await probe.get(host, path);
      expect({ path, status: answer.status, body: path === '/error' ? '' : answer.body }).toEqual({
        path,
        status: path === '/error' ? 500 : 200,
        body: path === '/error' ? '' : `${path} is fine`,
      });
    }
    // Looking at the worker's own exports, promises and errors goes over its own prototypes.
    const own = /^(Object\.prototype\.(scheduled|fetch|cause) read|get Promise\.Symbol\.species)$/;
    const seen: unknown = JSON.parse((await probe.get(host, '/seen')).body);
    expect(asTexts(seen).filter((name) => !own.test(name))).toEqual([]);
  });

  test('a worker that deletes every global still answers', async () => {
    const host = await probe.deploy(`const R = Response, S = ReadableStream;
      const bytes = Uint8Array.from('here', (letter) => letter.charCodeAt(0));
      for (const key of Reflect.ownKeys(globalThis)) try { delete globalThis[key]; } catch {}
      export default { fetch: () => new R(new S({ pull(c) { c.enqueue(bytes); c.close(); } })) };`);
    expect(await probe.get(host)).toMatchObject({ status: 200, body: 'here' });
  });
});

describe('values that are not what they seem', () => {
  test.each([
    [
      'an object with the prototype of Response',
      'return Object.create(Response.prototype);',
      500,
      '',
    ],
    ['a proxy of a Response', "return new Proxy(new Response('x'), {});", 500, ''],
    [
      'a patched instanceof',
      'Object.defineProperty(Response, Symbol.hasInstance, { value: () => true }); return {};',
      500,
      '',
    ],
    ['a promise of nothing', 'return undefined;', 500, ''],
    [
      'a thenable',
      "return { then(resolve) { resolve(new Response('thenable')); } };",
      200,
      'thenable',
    ],
    [
      'a thenable that settles twice',
      "return { then(resolve, reject) { resolve(new Response('once')); reject(new Error('x')); resolve(new Response('twice')); } };",
      200,
      'once',
    ],
    [
      'a subclass with other getters',
      "return new (class extends Response { get status() { return 201; } get headers() { return { evil: 1 }; } get body() { throw 1; } })('real');",
      200,
      'real',
    ],
    [
      'own properties over the getters',
      "return Object.defineProperties(new Response('real'), { status: { value: 777 }, headers: { get() { throw 1; } } });",
      200,
      'real',
    ],
    [
      'a status from valueOf',
      "return new Response('x', { status: { valueOf: () => 201 } });",
      201,
      'x',
    ],
    [
      'a getter that throws',
      "return new Response('x', { get status() { throw new Error('x'); } });",
      500,
      '',
    ],
    [
      'headers from a proxy',
      "return new Response('x', { headers: new Proxy({ a: 'b' }, {}) });",
      200,
      'x',
    ],
    [
      'headers from a proxy that lies',
      "return new Response('x', { headers: new Proxy({}, { ownKeys: () => ['a\\r\\nb'], getOwnPropertyDescriptor: () => ({ value: 'c', enumerable: true, configurable: true }), get: () => 'c' }) });",
      500,
      '',
    ],
    ['a body with toString', "return new Response({ toString: () => 'text' });", 200, 'text'],
    [
      'a response used twice',
      "globalThis.kept ??= new Response('kept'); await kept.text(); return kept;",
      500,
      '',
    ],
    [
      'a detached buffer as body',
      'const bytes = new Uint8Array(4); structuredClone(bytes.buffer, { transfer: [bytes.buffer] }); return new Response(new ReadableStream({ start(c) { c.enqueue(bytes); c.close(); } }));',
      undefined,
      undefined,
    ],
    [
      'a stream of things that are no bytes',
      'return new Response(new ReadableStream({ start(c) { c.enqueue({}); c.close(); } }));',
      undefined,
      undefined,
    ],
    [
      'patched env and ctx',
      "try { env.x = 1; } catch {} ctx.waitUntil = null; Object.setPrototypeOf(ctx, null); return new Response(String('x' in env));",
      200,
      'false',
    ],
  ])('%s', async (_what, handler, status, body) => {
    const host = await probe.deploy(
      `export default { async fetch(request, env, ctx) { ${handler} } };`,
    );
    const answer = await probe.get(host).catch(() => undefined);
    if (status !== undefined) {
      expect(answer?.status).toBe(status);
      if (status < 500) expect(answer?.body).toBe(body);
      else expect(answer?.headers['x-termination-reason']).toBe('Exception');
    }
    // Whatever it did, the platform is well.
    const next = await probe.deploy("export default { fetch: () => new Response('well') };");
    expect(await probe.get(next)).toMatchObject({ status: 200, body: 'well' });
  });
});

describe('state', () => {
  const remember = (word: string): string => `
    const seen = [typeof globalThis.mark, typeof Object.prototype.mark];
    globalThis.mark = Object.prototype.mark = ${JSON.stringify(word)};
    let count = 0;
    export default { fetch: () => new Response([...seen, (count += 1)].join(' ')) };`;

  test('two workers share no globals, and each keeps its own between requests', async () => {
    const one = await probe.deploy(remember('one'));
    const other = await probe.deploy(remember('other'));
    const read = async (host: string): Promise<string> => (await probe.get(host)).body;
    // The notification of the deploy itself may still retire the first isolate.
    await until(async () => (await read(one)).endsWith(' 3'), 5_000, 'a third request');
    await until(async () => (await read(other)).endsWith(' 3'), 5_000, 'a third request');
    expect([await read(one), await read(other), await read(one), await read(other)]).toEqual([
      'undefined undefined 4',
      'undefined undefined 4',
      'undefined undefined 5',
      'undefined undefined 5',
    ]);
  });

  test('two versions of one worker share no globals', async () => {
    await probe.platform.deploy('twice', remember('first'), 'worker.js');
    expect((await probe.get('twice.localhost')).body).toMatch(/^undefined undefined/);
    await probe.platform.deploy('twice', remember('second'), 'worker.js');
    for (const host of ['2--twice', '1--twice', '2--twice', '1--twice']) {
      const { status, body } = await probe.get(`${host}.localhost`);
      expect({ status, body }).toEqual({
        status: 200,
        body: expect.stringMatching(/^undefined undefined/),
      });
    }
  });

  test('a worker sees the values of its own environment only', async () => {
    const source = `import { env as imported } from 'cloudflare:workers';
      export default { fetch: (request, env) => new Response(JSON.stringify([env, imported, globalThis.env ?? null])) };`;
    await Promise.all([
      probe.database.deployWithEnv('env-one', source, { SECRET: 'of one' }),
      probe.database.deployWithEnv('env-other', source, { SECRET: 'of the other', MORE: 'x' }),
      probe.database.deployWithEnv('env-none', source, {}),
    ]);
    const read = async (host: string): Promise<unknown> => JSON.parse((await probe.get(host)).body);
    const ofOne = { SECRET: 'of one' };
    const ofOther = { SECRET: 'of the other', MORE: 'x' };
    expect(await read('env-one.localhost')).toEqual([ofOne, ofOne, ofOne]);
    expect(await read('env-other.localhost')).toEqual([ofOther, ofOther, ofOther]);
    expect(await read('env-none.localhost')).toEqual([{}, {}, {}]);
  });
});

function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

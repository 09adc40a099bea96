import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLogger, platformLimits } from '@openworkers/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareVersion, type PreparedVersion } from './prepare-version.ts';
import type { EnvKey } from './trial-env.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ow-build-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const log = createLogger({ role: 'test', level: 'silent' });
const handler = `export default { fetch: () => new Response('ok') };`;

function write(files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

function prepareFile(path: string, env: readonly EnvKey[] = []): Promise<PreparedVersion> {
  return prepareVersion({ source: { kind: 'file', path }, cwd: folder, env, log });
}

function prepareText(text: string, name = 'worker.ts'): Promise<PreparedVersion> {
  return prepareVersion({ source: { kind: 'text', name, text }, cwd: folder, env: [], log });
}

describe('what is deployed', () => {
  test('a TypeScript worker becomes one module with hash, size, source map and handlers', async () => {
    write({
      'src/worker.ts': `import { greet } from './greet.ts';\nexport default { fetch: () => new Response(greet('a')), scheduled() {} };`,
      'src/greet.ts': `export const greet = (name: string): string => 'hello ' + name;`,
    });
    const prepared = await prepareFile('src/worker.ts');
    expect(prepared).toMatchObject({
      codeType: 'typescript',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      sizeBytes: Buffer.byteLength(prepared.code),
      handlers: ['fetch', 'scheduled'],
      warnings: [],
    });
    expect(prepared.code).not.toContain('import');
    const map: unknown = JSON.parse(prepared.sourceMap);
    expect(map).toMatchObject({ sources: ['greet.ts', 'worker.ts'] });
    expect(JSON.stringify(map)).toContain('name: string');
  });

  test('the same sources give the same code from wherever they are deployed', async () => {
    write({
      'src/worker.ts': `import './other.ts';\n${handler}`,
      'src/other.ts': 'console.log(1);',
    });
    const fromRoot = await prepareFile('src/worker.ts');
    const source = { kind: 'file', path: 'worker.ts' } as const;
    const fromInside = await prepareVersion({ source, cwd: join(folder, 'src'), env: [], log });
    expect(fromInside.hash).toBe(fromRoot.hash);
    expect(fromInside.sourceMap).toBe(fromRoot.sourceMap);
  });

  test('JSON, text, binary and WebAssembly files can be imported', async () => {
    // (module (func (export "seven") (result i32) i32.const 7))
    const wasm = Buffer.from(
      '0061736d010000000105016000017f03020100070901057365 76656e00000a0601040041070b'.replace(
        ' ',
        '',
      ),
      'hex',
    );
    write({
      'data.json': '{"a":{"b":1}}',
      'page.html': '<p>é</p>',
      'query.sql': 'select 1',
      'bytes.bin': Uint8Array.of(1, 2, 255),
      'seven.wasm': wasm,
      'worker.ts': `
        import data from './data.json';
        import page from './page.html';
        import query from './query.sql';
        import bytes from './bytes.bin';
        import seven from './seven.wasm';
        import again from './seven.wasm?module';
        const results = [data.a.b, page, query, bytes.constructor.name, bytes.byteLength,
          new WebAssembly.Instance(seven).exports.seven(), again.constructor.name];
        const wanted = [1, '<p>é</p>', 'select 1', 'ArrayBuffer', 3, 7, 'Module'];
        if (JSON.stringify(results) !== JSON.stringify(wanted)) throw new Error(JSON.stringify(results));
        ${handler}`,
    });
    expect(await prepareFile('worker.ts')).toMatchObject({ handlers: ['fetch'] });
  });

  test('npm packages are bundled, by their worker entry where they have one', async () => {
    write({
      'node_modules/pack/package.json': JSON.stringify({
        name: 'pack',
        exports: { '.': { workerd: './worker.js', default: './node.js' } },
      }),
      'node_modules/pack/worker.js': `export const where = 'worker';`,
      'node_modules/pack/node.js': `import 'node:fs'; export const where = 'node';`,
      'node_modules/old/package.json': JSON.stringify({ name: 'old', main: './index.js' }),
      'node_modules/old/index.js': `exports.two = 2;`,
      'worker.js': `import { where } from 'pack'; import { two } from 'old';
        if (where + two !== 'worker2') throw new Error(where); ${handler}`,
    });
    expect(await prepareFile('worker.js')).toMatchObject({ codeType: 'javascript' });
  });

  test('a class, CommonJS and service-worker syntax are understood', async () => {
    const className = `import { WorkerEntrypoint } from 'cloudflare:workers';
      export default class extends WorkerEntrypoint { fetch() { return new Response('x'); } }`;
    expect((await prepareText(className)).handlers).toEqual(['fetch']);
    const commonJs = `module.exports = { fetch() { return new Response('x'); } };`;
    expect((await prepareText(commonJs, 'worker.js')).handlers).toEqual(['fetch']);
    const listener = `addEventListener('fetch', (event) => event.respondWith(new Response('x')));`;
    expect((await prepareText(listener)).handlers).toEqual(['fetch']);
  });

  test('the worker’s env is there at start, with placeholder values and bindings', async () => {
    write({
      'worker.ts': `import { env } from 'cloudflare:workers';
        if (typeof env.API_KEY !== 'string') throw new Error('no key');
        const { get } = env.KV;\n${handler}`,
    });
    const env: EnvKey[] = [
      { key: 'API_KEY', type: 'secret', shape: 'openworkers' },
      { key: 'KV', type: 'kv', shape: 'cloudflare' },
    ];
    expect(await prepareFile('worker.ts', env)).toMatchObject({ handlers: ['fetch'] });
    await expect(prepareFile('worker.ts')).rejects.toMatchObject({ code: 'start_failed' });
  });

  test('handlers of events that do not exist here are warned about', async () => {
    const text = `export default { fetch: () => new Response('x'), queue() {} };`;
    expect((await prepareText(text)).warnings).toEqual([
      'the handler "queue" will never be called: there are no such events here',
    ]);
  });
});

describe('what is refused', () => {
  test('a syntax error, with file, line, column and the line itself', async () => {
    write({ 'src/bad.ts': `// é\nconst é = 'ééé'; const a: number = 1 x;` });
    await expect(prepareFile('src/bad.ts')).rejects.toMatchObject({
      code: 'build_failed',
      message: [
        'src/bad.ts:2:38: Expected ";" but found "x"',
        `  2 │ const é = 'ééé'; const a: number = 1 x;`,
        '    ╵                                      ^',
      ].join('\n'),
      details: {
        problems: [
          { file: 'src/bad.ts', line: 2, column: 38, message: 'Expected ";" but found "x"' },
        ],
      },
    });
  });

  test('imports that cannot be had, each with what to do', async () => {
    write({
      'bad.js': `import fs from 'node:fs';
import path from 'path';
import { connect } from 'cloudflare:sockets';
import missing from './missing';
import pack from '@scope/pack/sub';
export default [fs, path, connect, missing, pack];`,
    });
    const error = await prepareFile('bad.js').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'build_failed',
      details: {
        problems: [
          {
            line: 1,
            message: expect.stringContaining('Node.js module "node:fs" is not available'),
          },
          {
            line: 2,
            message: expect.stringContaining('Node.js module "path" needs the compatibility flag'),
          },
          { line: 3, message: expect.stringContaining('"cloudflare:sockets" is not supported') },
          { line: 4, message: 'there is no file "./missing"' },
          { line: 5, message: expect.stringContaining('`npm install @scope/pack`') },
        ],
      },
    });
  });

  test('a package that only tries to load a Node.js module is not refused', async () => {
    const text = `let fs; try { fs = require('fs'); } catch {}
      import('cloudflare:sockets').catch(() => {}); ${handler}`;
    write({ 'worker.js': text });
    expect(await prepareFile('worker.js')).toMatchObject({ handlers: ['fetch'] });
    expect(await prepareText(text, 'worker.js')).toMatchObject({ handlers: ['fetch'] });
  });

  test('code sent as text cannot read files of this machine', async () => {
    write({ 'secret.json': '{"secret":1}' });
    for (const path of ['./secret.json', join(folder, 'secret.json'), 'hono', '/etc/passwd']) {
      const text = `import secret from ${JSON.stringify(path)}; console.log(secret); ${handler}`;
      await expect(prepareText(text)).rejects.toMatchObject({ code: 'build_failed' });
    }
  });

  test('more code than the limit, bundled or sent', async () => {
    const limit = platformLimits.codeBytes.tenant;
    write({
      'big.txt': 'x'.repeat(limit),
      'worker.ts': `import t from './big.txt'; console.log(t); ${handler}`,
    });
    await expect(prepareFile('worker.ts')).rejects.toMatchObject({ code: 'code_too_large' });
    await expect(prepareText(`${' '.repeat(limit)}${handler}`)).rejects.toMatchObject({
      code: 'code_too_large',
    });
  });

  test('a file that is absent or no source file', async () => {
    await expect(prepareFile('absent.ts')).rejects.toMatchObject({ code: 'invalid_input' });
    write({ 'worker.py': 'print(1)' });
    await expect(prepareFile('worker.py')).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('the trial start', () => {
  test('an error is reported where it happened in the author’s file', async () => {
    write({
      'worker.ts': `import { pick } from './lib/pick.ts';\npick(undefined as never);\n${handler}`,
      'lib/pick.ts': `interface A { b: string }\n\nexport function pick(a: A): string {\n  return a.b;\n}\n`,
    });
    const message = `TypeError: Cannot read properties of undefined (reading 'b')`;
    await expect(prepareFile('worker.ts')).rejects.toMatchObject({
      code: 'start_failed',
      message: [`lib/pick.ts:4:12: ${message}`, '  4 │   return a.b;', '    ╵            ^'].join(
        '\n',
      ),
      details: { problems: [{ file: 'lib/pick.ts', line: 4, column: 12, message }] },
    });
  });

  test.each([
    ['an endless loop', `while (true) {}\n${handler}`, /more than 400 ms of CPU/],
    [
      'endless memory',
      `const a = []; for (;;) a.push(new Array(1e5).fill(a.length + 0.5));`,
      /more than 128 MiB/,
    ],
    ['an endless wait', `await new Promise(() => {});\n${handler}`, /did not start within 5 s/],
    [
      'a Durable Object',
      `import { DurableObject } from 'cloudflare:workers'; export class A extends DurableObject {}`,
      /Durable Objects are not supported/,
    ],
    ['a thrown object', `throw { a: 1 };`, /threw an object that is not an Error/],
    [
      'a Node.js global',
      `process.cwd();\n${handler}`,
      /process is not defined: workers have Web APIs/,
    ],
    ['no handler', `console.log('hi');`, /handles nothing/],
    [
      'a default export of no use',
      `export default 42;`,
      /handles nothing: the default export is of type number/,
    ],
    ['only events that do not exist', `export default { queue() {} };`, /handles nothing/],
  ])('%s is refused', async (_name, text, message) => {
    await expect(prepareText(text)).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringMatching(message),
    });
  });

  test('a worker that silences the console is not refused for it', async () => {
    const text = `console.log = () => {}; ${handler}`;
    expect(await prepareText(text)).toMatchObject({ handlers: ['fetch'] });
  });

  test('no handler is called, and nothing of Node.js is there', async () => {
    const text = `export default { fetch() { throw new Error('called'); } };
      if ('process' in globalThis || 'require' in globalThis) throw new Error('Node');`;
    expect(await prepareText(text, 'worker.js')).toMatchObject({ handlers: ['fetch'] });
  });
});

import * as node from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@openworkers/core';
import { implementationFile, nodeExportNames } from '@openworkers/node-compat';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { prepareVersion } from '../prepare-version.ts';
import { PreparedWorker } from '../testing/run-prepared.ts';

const log = createLogger({ role: 'test', level: 'silent' });
const compatibilityFlags = ['nodejs_compat'];

let folder: string;
let worker: PreparedWorker | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ow-node-'));
});
afterEach(() => worker?.dispose());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the body of an async function, with these imports before it, returns in a real isolate. */
async function run(imports: string, body: string): Promise<unknown> {
  writeFileSync(
    join(folder, 'worker.js'),
    `${imports}\nexport default { async fetch(request, env) {
      const result = await (async () => { ${body} })();
      return Response.json(result);
    } };`,
  );
  const source = { kind: 'file', path: 'worker.js' } as const;
  worker = await PreparedWorker.start({ source, cwd: folder, compatibilityFlags });
  return worker.json('/');
}

describe('asking for it', () => {
  const text = `import { join } from 'node:path';
export default { fetch: () => new Response(join('a', 'b')) };`;
  const source = { kind: 'text', name: 'worker.ts', text } as const;
  const options = { source, cwd: '/', env: [], log };

  test('without the flag the refusal says what to type', async () => {
    await expect(prepareVersion(options)).rejects.toMatchObject({
      code: 'build_failed',
      message: expect.stringMatching(
        /"node:path" needs the compatibility flag nodejs_compat: deploy with --nodejs-compat/,
      ),
    });
  });

  test('with it, code that is sent as text can use them, and still reads no files', async () => {
    expect(await prepareVersion({ ...options, compatibilityFlags })).toMatchObject({
      handlers: ['fetch'],
      warnings: [],
    });
    for (const path of ['node-compat:globals.ts', './package.json', 'events/', 'readable-stream']) {
      const reads = { ...source, text: `import ${JSON.stringify(path)};\n${text}` };
      await expect(
        prepareVersion({ ...options, source: reads, compatibilityFlags }),
      ).rejects.toMatchObject({ code: 'build_failed' });
    }
  });

  test('a worker that does not ask has nothing of it', async () => {
    const plain = `export default { fetch: () => new Response(typeof process + typeof Buffer) };`;
    const prepared = await prepareVersion({ ...options, source: { ...source, text: plain } });
    expect(prepared.sizeBytes).toBeLessThan(300);
  });

  test('the same code comes out wherever it is deployed from', async () => {
    const [here, there] = await Promise.all(
      ['/', folder].map((cwd) => prepareVersion({ ...options, cwd, compatibilityFlags })),
    );
    expect(here?.hash).toBe(there?.hash);
    expect(here?.sourceMap).toBe(there?.sourceMap);
    expect(here?.sourceMap).not.toContain(import.meta.dirname.slice(0, 12));
  });
});

describe('what is missing', () => {
  test('throws an error that names it when it is used, and the deploy warns', async () => {
    const seen = await run(
      `import fs, { promises } from 'node:fs'; import * as net from 'net'; import { createSign, KeyObject } from 'node:crypto';
       const { readFile } = promises; class Custom extends net.Socket {}`,
      `const attempts = [() => fs.readFileSync('/etc/passwd'), () => readFile('x'), () => new Custom(),
        () => createSign('RSA-SHA256'), () => process.binding('fs'), () => require('child_process').exec('id'),
        () => process.exit(1)];
       return attempts.map((attempt) => { try { return attempt(); } catch (error) { return error.message; } });`,
    );
    expect(seen).toEqual(
      [
        'fs.readFileSync',
        'fs/promises.readFile',
        'net.Socket',
        'crypto.createSign',
        'process.binding',
        'child_process.exec',
        'process.exit',
      ].map((name) => `${name} of Node.js is not available in workers`),
    );
    expect(worker?.prepared.warnings).toEqual([
      expect.stringMatching(
        /nothing of "node:child_process", "node:fs", "node:fs\/promises", "node:net" works/,
      ),
    ]);
  });

  test('every name that Node.js exports can be imported', async () => {
    const names = [
      'assert',
      'async_hooks',
      'buffer',
      'crypto',
      'events',
      'fs',
      'http',
      'module',
      'os',
      'path',
      'perf_hooks',
      'process',
      'punycode',
      'querystring',
      'stream',
      'string_decoder',
      'timers',
      'tls',
      'tty',
      'url',
      'util',
      'worker_threads',
      'zlib',
    ];
    const imports = names.map((name) => `import * as ${name} from 'node:${name}';`).join('\n');
    const wanted = JSON.stringify(
      Object.fromEntries(names.map((name) => [name, nodeExportNames(name)])),
    );
    const absent = await run(
      imports,
      `return Object.entries(${wanted}).flatMap(([name, keys]) => {
        const found = { ${names.join(', ')} }[name];
        return keys.filter((key) => !(key in found) || !(key in found.default)).map((key) => name + '.' + key);
      });`,
    );
    expect(absent).toEqual([]);
  });

  test('there are files for exactly what is said to be implemented', () => {
    expect(implementationFile('buffer')).toMatch(/modules\/buffer\.ts$/);
    expect(implementationFile('fs')).toBeUndefined();
    expect(implementationFile('../missing')).toBeUndefined();
  });
});

test('globals: process, Buffer and timers that can be unreferenced', async () => {
  expect(
    await run(
      '',
      `const ticks = [];
      process.nextTick((x) => ticks.push(x), 'tick');
      await new Promise((resolve) => setTimeout(resolve, 1).unref().refresh());
      const cleared = setTimeout(() => ticks.push('never'), 0);
      clearTimeout(cleared);
      clearTimeout(+setTimeout(() => ticks.push('never'), 0));
      await new Promise((resolve) => { const id = setInterval(() => { clearInterval(id); resolve(); }, 1); });
      await new Promise((resolve) => setImmediate(resolve));
      process.env.MADE = 1;
      return [ticks, process.env.GREETING, typeof process.version, process.platform, process.cwd(),
        globalThis.Buffer === Buffer, globalThis.process === process, typeof process.hrtime.bigint(), process.stdout.isTTY,
        global === globalThis, process.domain ?? null];`,
    ),
  ).toEqual([['tick'], 'hello', 'string', 'linux', '/', true, true, 'bigint', false, true, null]);
});

test('buffer: encodings, numbers, slices, comparison', async () => {
  expect(
    await run(
      `import buffer, { Buffer, isUtf8, Blob } from 'buffer';`,
      `const b = Buffer.from('héllo wörld');
      const n = Buffer.alloc(8); n.writeBigUInt64BE(2n ** 40n); n.writeUInt16LE(513, 6);
      const encodings = ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'ucs2', 'ascii'];
      return {
        text: encodings.map((encoding) => b.toString(encoding)),
        back: encodings.slice(0, 6).map((encoding) => Buffer.from(b.toString(encoding), encoding).equals(b) || encoding),
        part: [b.toString('utf8', 1, 3), b.subarray(0, 2).toString('hex'), b.slice(-2).toString()],
        numbers: [...n], read: [n.readUInt16LE(6), String(n.readBigUInt64BE())],
        concat: Buffer.concat([Buffer.from([1]), Buffer.from([2, 3])]).toJSON(),
        compare: [Buffer.compare(Buffer.from('a'), Buffer.from('b')), b.indexOf('w'), b.includes('llo'), Buffer.byteLength('é'), Buffer.byteLength('aGk', 'base64url')],
        is: [Buffer.isBuffer(b), b instanceof Uint8Array, Buffer.isEncoding('base64url'), isUtf8(b), isUtf8(Buffer.from([0xff])), typeof Blob],
        fill: [Buffer.alloc(4, 'ab').toString(), Buffer.alloc(3, 'aGk', 'base64url').toString(), Buffer.from('aGk-_w', 'base64url').toString('hex')],
        bad: Buffer.from([0xff, 0x41]).toString(), lone: Buffer.from('\\ud800').toString('hex'),
        same: buffer.Buffer === Buffer && require('buffer').Buffer === Buffer,
      };`,
    ),
  ).toEqual({
    text: [
      'héllo wörld',
      '68c3a96c6c6f2077c3b6726c64',
      'aMOpbGxvIHfDtnJsZA==',
      'aMOpbGxvIHfDtnJsZA',
      'hÃ©llo wÃ¶rld',
      Buffer.from('héllo wörld').toString('ucs2'),
      Buffer.from('héllo wörld').toString('ascii'),
    ],
    back: [true, true, true, true, true, 'ucs2'],
    part: ['é', '68c3', 'ld'],
    numbers: [0, 0, 1, 0, 0, 0, 1, 2],
    read: [513, String(2n ** 40n + 258n)],
    concat: { type: 'Buffer', data: [1, 2, 3] },
    compare: [-1, 7, true, 2, 2],
    is: [true, true, true, true, false, 'function'],
    fill: ['abab', 'hih', '68693eff'],
    bad: '\ufffdA',
    lone: 'efbfbd',
    same: true,
  });
});

test('events: emitters, classes of them, promises and iterators', async () => {
  expect(
    await run(
      `import EventEmitter, { once, on, errorMonitor } from 'node:events'; import { inherits } from 'node:util';`,
      `class Own extends EventEmitter {}
      function Old() { EventEmitter.call(this); } inherits(Old, EventEmitter);
      const seen = []; const own = new Own(); const old = new Old();
      own.once('a', (x) => seen.push(['a', x])).prependListener('a', () => seen.push('first'));
      own.emit('a', 1); own.emit('a', 2); old.on('b', (x) => seen.push(x)); old.emit('b', 'old');
      setTimeout(() => own.emit('later', 1, 2), 1);
      seen.push(await once(own, 'later'));
      own.on(errorMonitor, (e) => seen.push('monitored ' + e.message));
      try { own.emit('error', new Error('unheard')); } catch (e) { seen.push(e.message); }
      const failing = once(own, 'never').catch((e) => seen.push('once: ' + e.message)); own.emit('error', new Error('x')); await failing;
      const controller = new AbortController();
      setTimeout(() => { own.emit('n', 1); own.emit('n', 2); controller.abort(); }, 1);
      try { for await (const [n] of on(own, 'n', { signal: controller.signal })) seen.push(n); } catch (e) { seen.push(e.name); }
      const required = require('events');
      return [seen, required === EventEmitter, required.EventEmitter === EventEmitter, own.listenerCount('a'), EventEmitter.listenerCount(old, 'b')];`,
    ),
  ).toEqual([
    [
      'first',
      ['a', 1],
      'first',
      'old',
      [1, 2],
      'monitored unheard',
      'unheard',
      'monitored x',
      'once: x',
      1,
      2,
      'AbortError',
    ],
    true,
    true,
    1,
    1,
  ]);
});

test('util, path, url, querystring, string_decoder, punycode, os', async () => {
  expect(
    await run(
      `import util, { promisify, inspect, types } from 'node:util'; import path from 'path'; import posix from 'node:path/posix';
       import url, { fileURLToPath, pathToFileURL } from 'node:url'; import qs from 'querystring';
       import { StringDecoder } from 'string_decoder'; import punycode from 'punycode'; import os from 'node:os';`,
      `const later = promisify((x, done) => setTimeout(() => done(null, x * 2), 0));
      const failed = await promisify((done) => done(new Error('no')))().catch((e) => e.message);
      const called = await new Promise((resolve) => util.callbackify(async (x) => x + 1)(1, (e, x) => resolve([e, x])));
      const decoder = new StringDecoder('utf8'); const euro = Buffer.from('€');
      const parsed = url.parse('http://u:p@host:80/a%20b?x=1&y=2#h', true);
      return {
        util: [await later(4), failed, called, util.format('%s %d %j %o', 'a', 1, { b: 2 }, [3]), inspect(new Map([['k', { deep: [1, { x: { y: 1 } }] }]])),
          util.isDeepStrictEqual({ a: new Set([1]) }, { a: new Set([1]) }), util.isDeepStrictEqual([1], ['1']), util.inspect(Buffer.from('hi'))],
        types: [types.isPromise(Promise.resolve()), types.isDate(new Date()), types.isDate({}), types.isMap(new Map()), types.isUint8Array(Buffer.alloc(1)), types.isRegExp(/a/), types.isNativeError(new TypeError()), types.isAsyncFunction(() => {})],
        path: [path.join('/a', '..', 'b', './c.txt'), path.resolve('x'), path.relative('/a/b', '/a/c/d'), path.parse('/x/y.tar.gz').ext, path.posix === path, posix.basename('/q/w')],
        url: [parsed.host, parsed.query.y, parsed.hash, parsed.auth, url.resolve('/one/two', 'three'), url.format({ protocol: 'http', host: 'h', pathname: '/p', query: { a: 1 } }), fileURLToPath('file:///a%20b'), pathToFileURL('/x y').href],
        qs: [qs.stringify({ a: ['1', '2'], b: 'x y' }), { ...qs.parse('a=1&a=2&b=%C3%A9') }],
        decoder: [decoder.write(euro.subarray(0, 1)), decoder.write(euro.subarray(1)), decoder.end()],
        rest: [punycode.toASCII('mañana.com'), os.EOL, os.platform()],
      };`,
    ),
  ).toEqual({
    util: [
      8,
      'no',
      [null, 2],
      'a 1 {"b":2} [ 3, [length]: 1 ]',
      "Map(1) { 'k' => { deep: [ 1, [Object] ] } }",
      true,
      false,
      '<Buffer 68 69>',
    ],
    types: [true, true, false, true, true, true, true, false],
    path: ['/b/c.txt', '/x', '../c/d', '.gz', true, 'w'],
    url: ['host:80', '2', '#h', 'u:p', '/one/three', 'http://h/p?a=1', '/a b', 'file:///x%20y'],
    qs: ['a=1&a=2&b=x%20y', { a: ['1', '2'], b: 'é' }],
    decoder: ['', '€', ''],
    rest: ['xn--maana-pta.com', '\n', 'linux'],
  });
});

test('assert: what passes, and errors that tell the difference', async () => {
  expect(
    await run(
      `import assert, { AssertionError } from 'node:assert'; import strict from 'assert/strict';`,
      `assert(true); assert.equal(1, '1'); assert.deepStrictEqual(new Map([[1, { a: [2] }]]), new Map([[1, { a: [2] }]]));
      assert.throws(() => { throw new TypeError('bad'); }, /bad/); await assert.rejects(Promise.reject(new Error('x')), { message: 'x' });
      const attempts = [() => strict.equal(1, '1'), () => assert.deepStrictEqual({ a: 1 }, { a: 2 }), () => assert(0, 'told'), () => assert.fail(), () => assert.match('a', /b/)];
      return [...attempts.map((attempt) => { try { attempt(); return 'passed'; } catch (e) { return e instanceof AssertionError && e.code; } }), require('assert') === assert];`,
    ),
  ).toEqual([...Array.from({ length: 5 }, () => 'ERR_ASSERTION'), true]);
});

test('crypto: a hash can be asked for its digest after it was fed as a stream', async () => {
  expect(
    await run(
      `import { createHash, createHmac } from 'node:crypto'; import { Readable } from 'node:stream';
       import { pipeline } from 'node:stream/promises';`,
      `const hash = createHash('sha256'); await pipeline(Readable.from(['a', 'b']), hash);
       const read = hash.read().toString('hex'); const asked = hash.digest('hex');
       let twice; try { hash.digest(); } catch (error) { twice = error.code; }
       const written = createHash('md5'); written.write('x'); await new Promise((done) => written.end(done));
       return [read === asked, asked, twice, written.digest('hex')];`,
    ),
  ).toEqual([
    true,
    node.createHash('sha256').update('ab').digest('hex'),
    'ERR_CRYPTO_HASH_FINALIZED',
    node.createHash('md5').update('x').digest('hex'),
  ]);
});

test('stream: pipelines, transforms, iteration, and Web streams both ways', async () => {
  expect(
    await run(
      `import Stream, { Readable, Transform, Writable, PassThrough, pipeline as pipe } from 'node:stream';
       import { pipeline, finished } from 'stream/promises'; import { text, json } from 'node:stream/consumers';`,
      `const upper = () => new Transform({ transform(chunk, _, done) { done(null, String(chunk).toUpperCase()); } });
      const out = []; const sink = new Writable({ write(chunk, _, done) { out.push(String(chunk)); setTimeout(done, 1); } });
      await pipeline(Readable.from(['a', 'b']), upper(), sink);
      const items = []; for await (const item of Readable.from([1, 2, 3]).map((x) => x * 2)) items.push(item);
      const failed = await pipeline(Readable.from(['x']), new Transform({ transform(c, e, done) { done(new Error('broken')); } }), new PassThrough()).catch((e) => e.message);
      const web = Readable.toWeb(Readable.from([Buffer.from('to '), Buffer.from('web')]));
      const fromWeb = Readable.fromWeb(new Response('from web').body);
      const written = []; const writable = Writable.toWeb(new Writable({ write(c, _, done) { written.push(String(c)); done(); } }));
      const writer = writable.getWriter(); await writer.write('w'); await writer.close();
      const { readable, writable: target } = new TransformStream();
      const through = Writable.fromWeb(target); through.end('through'); 
      return [out, items, failed, await new Response(web).text(), await text(fromWeb), written, await text(Readable.fromWeb(readable)),
        await json(Readable.from(['{"a":', '1}'])), require('stream') === Stream, Stream.Readable === Readable, new PassThrough() instanceof Stream];`,
    ),
  ).toEqual([
    ['A', 'B'],
    [2, 4, 6],
    'broken',
    'to web',
    'from web',
    ['w'],
    'through',
    { a: 1 },
    true,
    true,
    true,
  ]);
});

test('crypto: hashes, hmacs, random values, key derivation', async () => {
  expect(
    await run(
      `import crypto, { createHash, createHmac, randomBytes, randomInt, randomUUID, timingSafeEqual, pbkdf2Sync, scrypt, hkdfSync, hash } from 'node:crypto';
       import { promisify } from 'util';`,
      `const h = createHash('sha256').update('a'); const copy = h.copy();
      const random = randomInt(5, 7);
      let length; try { timingSafeEqual(Buffer.from('a'), Buffer.from('ab')); } catch (e) { length = e.code; }
      let name; try { createHash('nope'); } catch (e) { name = e.message; }
      let twice; try { const x = createHash('md5'); x.digest(); x.digest(); } catch (e) { twice = e.code; }
      const streamed = createHash('sha1'); streamed.end('str'); let piped; for await (const chunk of streamed) piped = chunk.toString('hex');
      return { sha256: h.update('b').digest('hex'), copied: copy.digest('base64'), md5: createHash('md5').update('é').digest('hex'), sha512: createHash('SHA512').update(new Uint8Array(3)).digest('base64url').length,
        oneShot: hash('sha1', 'x'), hmac: createHmac('sha256', 'key').update('data').digest('hex'), piped,
        random: [randomBytes(8).length, randomBytes(70000).length, random === 5 || random === 6, randomUUID().length, (await promisify(randomBytes)(3)).length],
        equal: [timingSafeEqual(Buffer.from('a'), Buffer.from('a')), timingSafeEqual(Buffer.from('a'), Buffer.from('b'))], length, name, twice,
        pbkdf2: pbkdf2Sync('p', 's', 10, 8, 'sha256').toString('hex'), scrypt: (await promisify(scrypt)('p', 's', 8, { N: 16 })).toString('hex'), hkdf: Buffer.from(hkdfSync('sha256', 'k', 's', 'i', 8)).toString('hex'),
        web: crypto.webcrypto === globalThis.crypto && crypto.subtle === globalThis.crypto.subtle, hashes: crypto.getHashes().includes('sha256') };`,
    ),
  ).toEqual({
    sha256: node.createHash('sha256').update('ab').digest('hex'),
    copied: 'ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=',
    md5: node.createHash('md5').update('é').digest('hex'),
    sha512: 86,
    oneShot: '11f6ad8ec52a2984abaafd7c3b516503785c2072',
    hmac: '5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0',
    piped: node.createHash('sha1').update('str').digest('hex'),
    random: [8, 70_000, true, 36, 3],
    equal: [true, false],
    length: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH',
    name: 'Digest method not supported: nope',
    twice: 'ERR_CRYPTO_HASH_FINALIZED',
    pbkdf2: node.pbkdf2Sync('p', 's', 10, 8, 'sha256').toString('hex'),
    scrypt: node.scryptSync('p', 's', 8, { N: 16 }).toString('hex'),
    hkdf: Buffer.from(node.hkdfSync('sha256', 'k', 's', 'i', 8)).toString('hex'),
    web: true,
    hashes: true,
  });
});

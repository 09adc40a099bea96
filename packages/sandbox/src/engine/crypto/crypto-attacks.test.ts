import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleTestRuntime, TestEngine } from '../testing/test-engine.ts';

/**
 * A runtime in the hands of an attacker: it runs what the request's URL says, which can ask the
 * sandbox for anything with `ask(json, bytes)`.
 */
const brokenRuntime = `(host) => {
  const waiting = new Map();
  let last = 0;
  return (op, id, a, url, c, d) => {
    if (op === 2) globalThis[a] = {};
    if (op === 3) delete globalThis[a];
    if (op === 14) waiting.get(a)({ isOk: url, result: c, bytes: d });
    if (op !== 5) return;
    const ask = (json, bytes, name = 'crypto') => new Promise((resolve) => {
      waiting.set(++last, resolve);
      host(14, id, last, name, typeof json === 'string' ? json : JSON.stringify(json), bytes);
    });
    const hex = (buffer) => new Uint8Array(buffer).toHex();
    const importKey = (extractable, raw = new Uint8Array(32).fill(0xab)) => ask({ method: 'importKey', format: 'raw',
      algorithm: { name: 'AES-GCM' }, extractable, usages: ['encrypt'], data: 0, lengths: [raw.length] }, raw.buffer);
    const encrypt = (sealed) => {
      const bytes = new Uint8Array(sealed.length + 12);
      bytes.set(sealed);
      return ask({ method: 'encrypt', algorithm: { name: 'AES-GCM', iv: 1 }, key: 0, data: 2, lengths: [sealed.length, 12, 0] }, bytes.buffer);
    };
    eval('(async () => {' + decodeURIComponent(url) + '})()').then(
      (value) => host(2, id, 200, '', 5, JSON.stringify(value)),
      (error) => host(2, id, 200, '', 5, JSON.stringify({ thrown: String(error) })),
    );
  };
}`;

let engine: TestEngine;

beforeAll(() => {
  engine = new TestEngine({
    runtimeScript: `${brokenRuntime}`,
    workers: { one: '', other: '' },
    limits: { cpuMs: 20_000 },
  });
});
afterAll(() => engine.dispose());

async function attack(code: string, worker = 'one'): Promise<unknown> {
  // The address crosses as it is.
  const { body } = await engine.fetch(worker, { url: encodeURIComponent(code) });
  return JSON.parse(body);
}

describe('a sealed key', () => {
  test('opens for the isolate that it was made for', async () => {
    const result = await attack(`
      const { bytes } = await importKey(true);
      const { isOk, result } = await encrypt(new Uint8Array(bytes));
      return [isOk, hex(result).length];`);
    expect(result).toEqual([1, 32]);
  });

  test('does not contain the key', async () => {
    const key = randomBytes(32).toString('hex');
    const sealed = await attack(`
      const { result, bytes } = await importKey(false, Uint8Array.fromHex('${key}'));
      return result + hex(bytes);`);
    expect(sealed).toMatch(/^\[\{"type":"secret","extractable":false,.*\}\][\da-f]+$/);
    for (let at = 0; at < key.length; at += 8) {
      expect(sealed).not.toContain(key.slice(at, at + 8));
    }
  });

  test('that was changed in any byte opens nothing, whether it is still open or not', async () => {
    const results = await attack(`
      const results = new Set();
      const sealed = new Uint8Array((await importKey(true)).bytes);
      for (let round = 0; round < 2; round += 1) {
        for (let at = 0; at < sealed.length; at += 1) {
          const changed = sealed.slice();
          changed[at] ^= 1 << (at % 8);
          const { isOk, result } = await encrypt(changed);
          results.add(isOk + result);
        }
        // Later ones take its place among the open keys.
        for (let i = 0; i < 20; i += 1) await importKey(true);
      }
      for (const length of [0, 1, 12, 28, sealed.length - 1]) {
        const { isOk, result } = await encrypt(sealed.slice(0, length));
        results.add(isOk + result);
      }
      results.add((await encrypt(sealed)).isOk);
      return [...results];`);
    expect(results).toEqual(['0InvalidAccessError: This is no key', 1]);
  });

  test('of another isolate opens nothing', async () => {
    const sealed = String(await attack('return hex((await importKey(true)).bytes)', 'other'));
    const use = `const { isOk, result } = await encrypt(Uint8Array.fromHex('${sealed}')); return [isOk, isOk ? '' : result];`;
    expect(await attack(use, 'other')).toEqual([1, '']);
    expect(await attack(use)).toEqual([0, 'InvalidAccessError: This is no key']);
  });

  test('is used only for what it was made for', async () => {
    const results = await attack(`
      const sealed = new Uint8Array((await importKey(false)).bytes);
      const bytes = new Uint8Array(sealed.length + 16);
      bytes.set(sealed);
      const lengths = [sealed.length, 16];
      const asks = [
        { method: 'exportKey', format: 'raw' },
        { method: 'exportKey', format: 'jwk' },
        { method: 'decrypt', algorithm: { name: 'AES-GCM', iv: 1 } },
        { method: 'encrypt', algorithm: { name: 'AES-CBC', iv: 1 } },
        { method: 'sign', algorithm: { name: 'HMAC' } },
        { method: 'wrapKey', format: 'raw', algorithm: { name: 'AES-GCM', iv: 1 }, wrapped: 0 },
        { method: 'deriveBits', algorithm: { name: 'HKDF', hash: 'SHA-1', salt: 1, info: 1 }, length: 8 },
      ];
      const results = [];
      for (const each of asks) {
        const { isOk, result } = await ask({ ...each, key: 0, data: 1, lengths }, bytes.buffer.slice(0));
        results.push(isOk + String(result).split(':')[0]);
      }
      return [...new Set(results)];`);
    expect(results).toEqual(['0InvalidAccessError']);
  });
});

test('a request that makes no sense is refused, whatever it is', async () => {
  const results = await attack(`
    const key = { method: 'importKey', format: 'raw', algorithm: { name: 'AES-GCM' }, extractable: true, usages: ['encrypt'], data: 0, lengths: [16] };
    const bytes = () => new ArrayBuffer(16);
    const asks = [
      '', '{', 'null', '1', '[]', '"x"', '{}', 'x'.repeat(300_000),
      { method: 'constructor' }, { method: '__proto__' }, { method: 'digest' },
      { ...key, lengths: [17] }, { ...key, lengths: [-1] }, { ...key, lengths: [1.5] }, { ...key, lengths: ['1'] },
      { ...key, lengths: {} }, { ...key, lengths: new Array(9).fill(0) }, { ...key, data: 1 }, { ...key, data: -1 },
      { ...key, usages: ['x'] }, { ...key, usages: 5 }, { ...key, usages: new Array(65).fill('sign') },
      { ...key, algorithm: null }, { ...key, algorithm: { name: 'x' } }, { ...key, algorithm: { name: 'ML-DSA-44' } },
      { ...key, algorithm: { name: 'Argon2id' } }, { ...key, algorithm: { name: '__proto__' } },
      { ...key, algorithm: { name: 'HMAC' } }, { ...key, algorithm: { name: 'HMAC', hash: 'SHA3-256' } },
      { ...key, algorithm: { name: 'ECDSA', namedCurve: {} } },
      { ...key, method: 'generateKey', algorithm: { name: 'AES-GCM', length: 1e300 } },
      { ...key, method: 'generateKey', algorithm: { name: 'HMAC', hash: 'SHA-1', length: 4e9 } },
      { ...key, method: 'generateKey', algorithm: { name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 2048, publicExponent: 7 } },
      { method: 'exportKey', format: 'raw', key: 0, lengths: [16] }, { method: 'exportKey' },
    ];
    const results = [];
    for (const each of asks) {
      const { isOk, result } = await ask(each, bytes());
      results.push(isOk + result.split(':')[0]);
    }
    for (const [json, value] of [[key, undefined], [key, 5], [key, 'x']]) results.push((await ask(json, value)).isOk);
    for (const name of ['SHA-3', '', '__proto__']) results.push((await ask(name, bytes(), 'digest')).isOk);
    results.push((await ask(key, bytes())).isOk);
    return [...new Set(results)];`);
  expect(results).toEqual(['0OperationError', '0InvalidAccessError', 0, 1]);
});

describe('worker code', () => {
  let workers: TestEngine;
  beforeAll(() => {
    workers = new TestEngine({
      runtimeScript: bundleTestRuntime(),
      limits: { cpuMs: 60_000 },
      workers: {
        forge: `export default { async fetch() {
          const real = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
          const fakes = [Object.create(CryptoKey.prototype), Object.create(real), new Proxy(real, {}), { ...real }, null,
            Object.setPrototypeOf({ type: 'secret' }, CryptoKey.prototype)];
          const seen = [];
          const tried = async (run) => { try { await run(); seen.push('done'); } catch (error) { seen.push(error.name); } };
          for (const fake of fakes) {
            await tried(() => crypto.subtle.sign('HMAC', fake, new Uint8Array()));
            await tried(() => crypto.subtle.exportKey('raw', fake));
          }
          await tried(() => new CryptoKey());
          await tried(() => Reflect.construct(CryptoKey, [{}]));
          await tried(() => new (class extends CryptoKey {})());
          await tried(() => Reflect.construct(Object, [], CryptoKey).type);
          real.algorithm.name = 'AES-GCM'; real.usages.push('verify');
          try { real.extractable = true; } catch {}
          await tried(() => crypto.subtle.exportKey('raw', real));
          await tried(() => crypto.subtle.verify('HMAC', real, new Uint8Array(), new Uint8Array()));
          await tried(() => crypto.subtle.sign('HMAC', real, new Uint8Array()));
          return Response.json(seen);
        } }`,
        clone: `export default { async fetch() {
          const real = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
          const { copy } = structuredClone({ copy: real });
          const signature = await crypto.subtle.sign('HMAC', real, new Uint8Array(3));
          return Response.json([copy !== real, copy instanceof CryptoKey, copy.type, copy.extractable, copy.algorithm, copy.usages,
            await crypto.subtle.verify('HMAC', copy, signature, new Uint8Array(3)),
            await crypto.subtle.exportKey('raw', copy).catch((error) => error.name)]);
        } }`,
        imports: `const jwk = {}; export default { async fetch(request) {
          const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-521' }, true, ['sign']);
          const jwk = await crypto.subtle.exportKey('jwk', privateKey);
          const all = [];
          for (let i = 0; i < 200; i += 1) all.push(crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-521' }, true, ['sign']));
          await Promise.all(all);
          return new Response('fine');
        } }`,
        small: `export default { async fetch() { return new Response('fine'); } }`,
        keys: `export default { async fetch() {
          let last;
          for (let i = 0; i < 3_000; i += 1) {
            last = await crypto.subtle.importKey('raw', new Uint8Array(32).fill(i), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
          }
          return new Response(String((await crypto.subtle.sign('HMAC', last, new Uint8Array())).byteLength));
        } }`,
        limits: `export default { async fetch() {
          const { subtle } = crypto;
          const rsa = { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
          const base = await subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
          const derive = (iterations, bits) => subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(1), iterations }, base, bits);
          const b64 = (bytes) => bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
          const modulus = (length) => new Uint8Array(length).fill(0xff);
          const importRsa = (n, e) => subtle.importKey('jwk', { kty: 'RSA', n: b64(n), e: b64(e) }, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']);
          const tries = [
            () => subtle.generateKey({ ...rsa, modulusLength: 512 }, true, ['sign']),
            () => subtle.generateKey({ ...rsa, modulusLength: 8192 }, true, ['sign']),
            () => subtle.generateKey({ ...rsa, publicExponent: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 5]) }, true, ['sign']),
            () => subtle.generateKey({ ...rsa, publicExponent: new Uint8Array([]) }, true, ['sign']),
            () => subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 8 * 65536 + 8 }, true, ['sign']),
            () => derive(1_000_001, 256), () => derive(600_000, 512), () => derive(2 ** 32 - 1, 8),
            () => derive(1, 2 ** 32 - 8),
            () => importRsa(modulus(1025), new Uint8Array([1, 0, 1])),
            () => importRsa(modulus(256), new Uint8Array([2, 0, 0, 0, 1])),
            () => importRsa(modulus(256), new Uint8Array([1, 0, 0, 0, 0, 1])),
            () => subtle.importKey('raw', new Uint8Array(65537), 'PBKDF2', false, ['deriveBits']),
            () => subtle.digest('SHA-1', new Uint8Array(61 * 1024 * 1024)),
            () => importRsa(modulus(256), new Uint8Array([1, 0, 0, 0, 1])),
          ];
          const seen = [];
          for (const run of tries) { try { await run(); seen.push('done'); } catch (error) { seen.push(error.name); } }
          return Response.json(seen);
        } }`,
      },
    });
  });
  afterAll(() => workers.dispose());

  test('cannot forge a key or change what it is for', async () => {
    const seen = JSON.parse((await workers.fetch('forge')).body) as string[];
    expect(seen.slice(0, -3)).toEqual(Array.from({ length: 16 }, () => 'TypeError'));
    expect(seen.slice(-3)).toEqual(['InvalidAccessError', 'InvalidAccessError', 'done']);
  });

  test('can clone a key, which stays what it is', async () => {
    expect(JSON.parse((await workers.fetch('clone')).body)).toEqual([
      true,
      true,
      'secret',
      false,
      { name: 'HMAC', hash: { name: 'SHA-256' }, length: 512 },
      ['sign', 'verify'],
      true,
      'InvalidAccessError',
    ]);
  });

  test('can make any number of keys', async () => {
    expect((await workers.fetch('keys')).body).toBe('32');
  });

  test('with much short work to do leaves this thread to its neighbours', async () => {
    await workers.fetch('small');
    let isOver = false;
    const many = workers.fetch('imports').finally(() => (isOver = true));
    // Started, at least.
    await workers.fetch('clone');
    for (let i = 0; i < 300; i += 1) expect((await workers.fetch('small')).body).toBe('fine');
    expect(isOver).toBe(false);
    expect((await many).body).toBe('fine');
  });

  test('cannot ask for more than can be borne', async () => {
    expect(JSON.parse((await workers.fetch('limits')).body)).toEqual([
      ...Array.from({ length: 5 }, () => 'OperationError'),
      ...Array.from({ length: 4 }, () => 'NotSupportedError'),
      ...Array.from({ length: 4 }, () => 'DataError'),
      'OperationError',
      'done',
    ]);
  });
});

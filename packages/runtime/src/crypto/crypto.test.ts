import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { hostOps, type Crossing } from '../boundary.ts';
import { receiveCallResult } from '../dispatch/host-calls.ts';
import { connectHost } from '../dispatch/host.ts';
import { QuotaExceededError } from '../dom-exception/quota-exceeded-error.ts';
import { createCrypto, Crypto } from './crypto.ts';
import { SubtleCrypto } from './subtle-crypto.ts';

const crypto = createCrypto();
const { subtle } = crypto;
let requested: number[] = [];
let calls: Crossing[][] = [];

beforeEach(() => {
  requested = [];
  calls = [];
  connectHost({
    host: (op, _eventId, ...args) => {
      if (op === hostOps.call) calls.push(args);
    },
    hostSync: (_op, count) => {
      requested.push(Number(count));
      return new Uint8Array(randomBytes(Number(count))).buffer;
    },
  });
});

/** Answers the calls made so far as the sandbox would. */
function answerDigests(): void {
  for (const [callId, name, algorithm, bytes] of calls.splice(0)) {
    expect(name).toBe('digest');
    if (!(bytes instanceof ArrayBuffer) || typeof algorithm !== 'string')
      throw new Error('no bytes');
    const hash = createHash(algorithm.replace('-', '')).update(new Uint8Array(bytes)).digest();
    receiveCallResult(callId, 1, new Uint8Array(hash).buffer, undefined);
  }
}

describe('crypto.getRandomValues', () => {
  it('fills every kind of integer array in place', () => {
    const arrays = [
      new Int8Array(64),
      new Uint8Array(64),
      new Uint8ClampedArray(64),
      new Int16Array(64),
      new Uint16Array(64),
      new Int32Array(64),
      new Uint32Array(64),
      new BigInt64Array(64),
      new BigUint64Array(64),
    ];
    for (const array of arrays) {
      expect(crypto.getRandomValues(array)).toBe(array);
      expect(new Set<unknown>(array).size).toBeGreaterThan(16);
    }
  });

  it('keeps to the view', () => {
    const bytes = new Uint8Array(300);
    crypto.getRandomValues(bytes.subarray(100, 200));
    const isZero = (part: Uint8Array): boolean => part.every((byte) => byte === 0);
    expect([isZero(bytes.subarray(0, 100)), isZero(bytes.subarray(200))]).toEqual([true, true]);
    expect(isZero(bytes.subarray(100, 200))).toBe(false);
  });

  it('refuses other arrays, other values and more than the quota', () => {
    for (const array of [
      new Float32Array(1),
      new Float64Array(1),
      new DataView(new ArrayBuffer(8)),
    ]) {
      expect(() => crypto.getRandomValues(array)).toThrow(
        expect.objectContaining({ name: 'TypeMismatchError', code: 17 }),
      );
    }
    for (const value of [[1], 'x', null, undefined, new ArrayBuffer(8)]) {
      expect(() => crypto.getRandomValues(value)).toThrow(TypeError);
    }
    expect(crypto.getRandomValues(new Uint8Array(65_536))).toHaveLength(65_536);
    expect(() => crypto.getRandomValues(new Uint8Array(65_537))).toThrow(
      expect.objectContaining({ name: 'QuotaExceededError', quota: null, requested: null }),
    );
    expect(() => crypto.getRandomValues(new Uint16Array(40_000))).toThrow(QuotaExceededError);
  });

  it('asks the host once for many small requests, and never gives a byte twice', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i += 1) seen.add(crypto.randomUUID());
    expect(seen.size).toBe(2000);
    expect(requested.length).toBeLessThanOrEqual(8);
    expect(requested.every((count) => count === 4096)).toBe(true);
  });
});

describe('crypto.randomUUID', () => {
  it('is of version 4', () => {
    for (let i = 0; i < 100; i += 1) {
      expect(crypto.randomUUID()).toMatch(
        /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
      );
    }
  });
});

describe('crypto.subtle', () => {
  it.each(['SHA-1', 'sha-256', { name: 'Sha-384' }, 'SHA-512'])(
    'digests with %j',
    async (algorithm) => {
      const data = new DataView(Uint8Array.of(0, 1, 2, 3, 4).buffer, 1, 3);
      const digest = subtle.digest(algorithm, data);
      answerDigests();
      expect(new Uint8Array(await digest)).toEqual(
        new Uint8Array(await globalThis.crypto.subtle.digest(algorithm, data)),
      );
    },
  );

  it('digests the bytes of the moment of the call', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const digest = subtle.digest('SHA-256', bytes);
    bytes.fill(9);
    answerDigests();
    const expected = createHash('sha256')
      .update(Uint8Array.of(1, 2, 3))
      .digest();
    expect(Buffer.from(await digest).equals(expected)).toBe(true);
  });

  it('rejects wrong arguments, and never throws', async () => {
    const bytes = new Uint8Array();
    for (const algorithm of ['SHA-255', '\u017fha-1', 'MD5', { name: 'x' }, null]) {
      await expect(subtle.digest(algorithm, bytes)).rejects.toMatchObject({
        name: 'NotSupportedError',
      });
    }
    await expect(subtle.digest({}, bytes)).rejects.toThrow(TypeError);
    await expect(subtle.digest('SHA-1', 'text')).rejects.toThrow(TypeError);
    const digest: unknown = Reflect.get(SubtleCrypto.prototype, 'digest');
    if (typeof digest !== 'function') throw new Error('no digest');
    await expect(Reflect.apply(digest, {}, ['SHA-1', bytes])).rejects.toThrow(TypeError);
    await expect(Reflect.apply(digest, subtle, ['SHA-1'])).rejects.toThrow(TypeError);
    expect(calls).toEqual([]);
  });

  it('rejects when the host cannot answer', async () => {
    const digest = subtle.digest('SHA-1', new Uint8Array());
    receiveCallResult(calls[0]?.[0], 0, 'out of order', undefined);
    await expect(digest).rejects.toMatchObject({ name: 'OperationError', message: 'out of order' });
  });

  it('cannot be constructed', () => {
    expect(() => Reflect.construct(Crypto, [])).toThrow(TypeError);
    expect(() => Reflect.construct(SubtleCrypto, [{}])).toThrow(TypeError);
  });
});

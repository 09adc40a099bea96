import { hkdf as deriveHkdf } from '@noble/hashes/hkdf.js';
import { pbkdf2 as derivePbkdf2 } from '@noble/hashes/pbkdf2.js';
import { scrypt as deriveScrypt } from '@noble/hashes/scrypt.js';
import { Buffer } from './modules/buffer.ts';
import { hashAlgorithm } from './hash-algorithms.ts';
import { toBytes, type Data } from './crypto-data.ts';

interface ScryptOptions {
  readonly N?: number;
  readonly cost?: number;
  readonly r?: number;
  readonly blockSize?: number;
  readonly p?: number;
  readonly parallelization?: number;
  readonly maxmem?: number;
}

type Callback<Result> = (error: Error | null, result?: Result) => void;

/* All of it is computed in JavaScript, at the cost of the event's CPU time. */

export function pbkdf2Sync(
  ...[password, salt, iterations, length, digest]: [Data, Data, number, number, string]
): Buffer {
  const options = { c: iterations, dkLen: length };
  return bufferOf(derivePbkdf2(hashAlgorithm(digest), toBytes(password), toBytes(salt), options));
}

export function pbkdf2(
  ...[password, salt, iterations, length, digest, callback]: [
    ...Parameters<typeof pbkdf2Sync>,
    Callback<Buffer>,
  ]
): void {
  callBack(callback, () => pbkdf2Sync(password, salt, iterations, length, digest));
}

export function scryptSync(
  ...[password, salt, length, options = {}]: [Data, Data, number, ScryptOptions?]
): Buffer {
  const N = options.N ?? options.cost ?? 16_384;
  const r = options.r ?? options.blockSize ?? 8;
  const p = options.p ?? options.parallelization ?? 1;
  const maxmem = options.maxmem ?? 32 * 1024 * 1024;
  if (128 * N * r > maxmem) {
    throw Object.assign(new RangeError('Invalid scrypt params: memory limit exceeded'), {
      code: 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS',
    });
  }
  // The library counts its small buffers, too.
  const limits = { maxmem: maxmem + 1024 * 1024 };
  return bufferOf(
    deriveScrypt(toBytes(password), toBytes(salt), { N, r, p, dkLen: length, ...limits }),
  );
}

export function scrypt(password: Data, salt: Data, length: number, ...rest: unknown[]): void {
  // The options before the callback may be left out.
  const callback = rest.pop() as Callback<Buffer>;
  const options = rest[0] as ScryptOptions | undefined;
  callBack(callback, () => scryptSync(password, salt, length, options));
}

export function hkdfSync(
  ...[digest, key, salt, info, length]: [string, Data, Data, Data, number]
): ArrayBuffer {
  const bytes = deriveHkdf(
    hashAlgorithm(digest),
    toBytes(key),
    toBytes(salt),
    toBytes(info),
    length,
  );
  return bytes.slice().buffer;
}

export function hkdf(
  ...[digest, key, salt, info, length, callback]: [
    ...Parameters<typeof hkdfSync>,
    Callback<ArrayBuffer>,
  ]
): void {
  callBack(callback, () => hkdfSync(digest, key, salt, info, length));
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.slice().buffer);
}

function callBack<Result>(callback: Callback<Result>, compute: () => Result): void {
  setTimeout(() => {
    let result: Result;
    try {
      result = compute();
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback(null, result);
  }, 0);
}

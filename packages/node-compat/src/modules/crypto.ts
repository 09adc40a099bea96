import { toBytes, type Data } from '../crypto-data.ts';
import { Hash, Hmac } from '../digest-stream.ts';
import { hashNames } from '../hash-algorithms.ts';
import { Buffer } from './buffer.ts';

export { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from '../key-derivation.ts';
export { Hash, Hmac };

const { crypto } = globalThis;
export { crypto as webcrypto };
export const { subtle } = crypto;
export const constants = {};
export const getRandomValues = crypto.getRandomValues.bind(crypto);
export const randomUUID = (): string => crypto.randomUUID();

type Callback<Result> = (error: Error | null, result?: Result) => void;

const mostAtOnce = 65_536;

function fillRandom(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += mostAtOnce) {
    crypto.getRandomValues(bytes.subarray(i, i + mostAtOnce) as Uint8Array<ArrayBuffer>);
  }
}

export function createHash(algorithm: string, options?: object): Hash {
  return new Hash(algorithm, options);
}

export function createHmac(algorithm: string, key: Data, options?: object): Hmac {
  return new Hmac(algorithm, key, options);
}

export function hash(algorithm: string, data: Data, encoding = 'hex'): string | Buffer {
  return new Hash(algorithm).update(data).digest(encoding);
}

export function getHashes(): string[] {
  return [...hashNames];
}

export function randomBytes(size: number): Buffer;
export function randomBytes(size: number, callback: Callback<Buffer>): void;
export function randomBytes(size: number, callback?: Callback<Buffer>): Buffer | undefined {
  const bytes = Buffer.alloc(size);
  fillRandom(bytes);
  if (callback === undefined) return bytes;
  queueMicrotask(() => callback(null, bytes));
  return undefined;
}
export { randomBytes as prng, randomBytes as pseudoRandomBytes, randomBytes as rng };

export function randomFillSync<T extends ArrayBuffer | ArrayBufferView>(
  target: T,
  offset = 0,
  size?: number,
): T {
  const bytes = toBytes(target);
  fillRandom(bytes.subarray(offset, size === undefined ? undefined : offset + size));
  return target;
}

export function randomFill<T extends ArrayBuffer | ArrayBufferView>(
  target: T,
  ...rest: [...range: number[], callback: Callback<T>] | unknown[]
): void {
  // Offset and size before the callback may be left out.
  const callback = rest.pop() as Callback<T>;
  const [offset, size] = rest as number[];
  randomFillSync(target, offset, size);
  queueMicrotask(() => callback(null, target));
}

const randomRange = 2 ** 48;

export function randomInt(...args: unknown[]): number | undefined {
  const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback<number>) : undefined;
  const [first = 0, second] = args as number[];
  const [min, max] = second === undefined ? [0, first] : [first, second];
  const range = max - min;
  if (
    !Number.isSafeInteger(min) ||
    !Number.isSafeInteger(max) ||
    range <= 0 ||
    range >= randomRange
  ) {
    const error = new RangeError(`The range from ${min} to ${max} is out of range`);
    throw Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
  }
  // What does not divide evenly would make small numbers more likely.
  const limit = randomRange - (randomRange % range);
  let random: number;
  do random = randomBytes(6).readUIntBE(0, 6);
  while (random >= limit);
  const result = min + (random % range);
  if (callback === undefined) return result;
  queueMicrotask(() => callback(null, result));
  return undefined;
}

/** Compares without telling by its time where the bytes differ. */
export function timingSafeEqual(
  one: ArrayBuffer | ArrayBufferView,
  other: ArrayBuffer | ArrayBufferView,
): boolean {
  const [left, right] = [toBytes(one), toBytes(other)];
  if (left.length !== right.length) {
    const error = new RangeError('Input buffers must have the same byte length');
    throw Object.assign(error, { code: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH' });
  }
  let difference = 0;
  for (const [i, byte] of left.entries()) difference |= byte ^ (right[i] ?? 0);
  return difference === 0;
}

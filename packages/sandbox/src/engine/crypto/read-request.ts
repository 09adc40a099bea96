import type { webcrypto } from 'node:crypto';
import { findAlgorithm, type CryptoOperation } from '@openworkers/runtime';
import { asRecord, type JsonRecord } from '../../protocol/read-json.ts';
import { CryptoRefusal } from './crypto-refusal.ts';

/** Longer than any request of an honest runtime with the largest keys. */
const longestJson = 256 * 1024;
const mostParts = 8;
const mostUsages = 64;
const methods = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'deriveBits',
  'deriveKey',
  'generateKey',
  'importKey',
  'exportKey',
  'wrapKey',
  'unwrapKey',
] as const;
const formats = ['raw', 'pkcs8', 'spki', 'jwk'] as const;
const usages = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'deriveKey',
  'deriveBits',
  'wrapKey',
  'unwrapKey',
] as const satisfies readonly KeyUsage[];

type CryptoMethod = (typeof methods)[number];
type KeyFormat = (typeof formats)[number];
export type KeyUsage = webcrypto.KeyUsage;
export type Bytes = Uint8Array<ArrayBuffer>;

/** A normalised algorithm, checked by the table: bytes are views, a key is still sealed. */
export interface RequestAlgorithm {
  readonly name: string;
  readonly hash?: string;
  readonly namedCurve?: string;
  readonly iv?: Bytes;
  readonly counter?: Bytes;
  readonly additionalData?: Bytes;
  readonly label?: Bytes;
  readonly salt?: Bytes;
  readonly info?: Bytes;
  readonly publicExponent?: Bytes;
  readonly length?: number;
  readonly tagLength?: number;
  readonly saltLength?: number;
  readonly iterations?: number;
  readonly modulusLength?: number;
  readonly public?: Bytes;
}

/** What an isolate asks, of the right types; see `crypto/crypto-request.ts` in the runtime. */
export interface CryptoRequest {
  readonly method: CryptoMethod;
  readonly algorithm: RequestAlgorithm;
  readonly keyAlgorithm: RequestAlgorithm;
  readonly format: KeyFormat;
  readonly extractable: boolean;
  readonly usages: readonly KeyUsage[];
  readonly jwk: JsonRecord | undefined;
  /** Bits to derive; null where the algorithm knows. */
  readonly length: number | null;
  /** Sealed keys. */
  readonly key: Bytes;
  readonly wrapped: Bytes;
  readonly signature: Bytes;
  readonly data: Bytes;
  /** Bytes of all that is in the request. */
  readonly sizeBytes: number;
}

const noBytes = new Uint8Array(0);
const noAlgorithm: RequestAlgorithm = { name: '' };

/** Checks everything: whoever breaks the runtime inside the isolate can send anything. Throws. */
export function readRequest(json: unknown, bytes: unknown): CryptoRequest {
  if (typeof json !== 'string' || json.length > longestJson || !(bytes instanceof ArrayBuffer)) {
    throw malformed();
  }
  const record = asRecord(JSON.parse(json), 'request');
  const method = methods.find((name) => name === record['method']);
  if (method === undefined) throw malformed();
  const parts = splitParts(record['lengths'], bytes);
  const part = (value: unknown): Bytes => partOf(parts, value);
  const [operation, otherOperation] = operations[method];
  return {
    method,
    algorithm: readAlgorithm(record['algorithm'], [operation, otherOperation], part),
    keyAlgorithm: readAlgorithm(record['keyAlgorithm'], keyOperations(method), part),
    format: formats.find((name) => name === record['format']) ?? 'raw',
    extractable: record['extractable'] === true,
    usages: readUsages(record['usages']),
    jwk: record['jwk'] === undefined ? undefined : asRecord(record['jwk'], 'jwk'),
    length: readLength(record['length']),
    key: part(record['key']),
    wrapped: part(record['wrapped']),
    signature: part(record['signature']),
    data: part(record['data']),
    sizeBytes: bytes.byteLength + json.length,
  };
}

type Operations = readonly [
  operation: CryptoOperation | undefined,
  orElse: CryptoOperation | undefined,
];

/** What the algorithm of a method must be able to do. */
const operations: Readonly<Record<CryptoMethod, Operations>> = {
  encrypt: ['encrypt', undefined],
  decrypt: ['decrypt', undefined],
  sign: ['sign', undefined],
  verify: ['verify', undefined],
  deriveBits: ['deriveBits', undefined],
  deriveKey: ['deriveBits', undefined],
  generateKey: ['generateKey', undefined],
  importKey: ['importKey', undefined],
  exportKey: [undefined, undefined],
  wrapKey: ['wrapKey', 'encrypt'],
  unwrapKey: ['unwrapKey', 'decrypt'],
};

/** The key to derive must also have a length, and that of HMAC takes a hash, too. */
function keyOperations(method: CryptoMethod): Operations {
  if (method === 'deriveKey') return ['get key length', undefined];
  return [method === 'unwrapKey' ? 'importKey' : undefined, undefined];
}

function readAlgorithm(
  value: unknown,
  [operation, orElse]: Operations,
  part: (value: unknown) => Bytes,
): RequestAlgorithm {
  if (operation === undefined) return noAlgorithm;
  const record = asRecord(value, 'algorithm');
  const isName = (name: string): boolean => name === record['name'];
  const entry =
    findAlgorithm(operation, isName) ??
    (orElse === undefined ? undefined : findAlgorithm(orElse, isName));
  if (entry === undefined) throw malformed();
  const algorithm: Record<string, unknown> = { name: entry.name };
  for (const { name, kind, isRequired } of entry.parameters) {
    const given = record[name];
    if (given === undefined && !isRequired) continue;
    switch (kind) {
      case 'bytes':
      case 'exponent':
      case 'key':
        algorithm[name] = part(given);
        break;
      case 'hash':
        algorithm[name] = findAlgorithm('digest', (each) => each === given)?.name ?? fail();
        break;
      case 'curve':
        algorithm[name] = typeof given === 'string' ? given.slice(0, 32) : fail();
        break;
      default:
        algorithm[name] = readNumber(given);
    }
  }
  // The table's parameters are the interface's members, of the types just checked.
  return algorithm as unknown as RequestAlgorithm;
}

function readNumber(value: unknown): number {
  const isFine = Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff_ffff;
  return isFine ? Number(value) : fail();
}

function readLength(value: unknown): number | null {
  return value === undefined || value === null ? null : readNumber(value);
}

function readUsages(value: unknown): KeyUsage[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > mostUsages) throw malformed();
  return value.map((given) => usages.find((usage) => usage === given) ?? fail());
}

function splitParts(lengths: unknown, bytes: ArrayBuffer): Bytes[] {
  if (!Array.isArray(lengths) || lengths.length > mostParts) throw malformed();
  let at = 0;
  return lengths.map((given: unknown) => {
    const length = readNumber(given);
    if (at + length > bytes.byteLength) throw malformed();
    at += length;
    return new Uint8Array(bytes, at - length, length);
  });
}

function partOf(parts: readonly Bytes[], value: unknown): Bytes {
  if (value === undefined) return noBytes;
  return parts[readNumber(value)] ?? fail();
}

function fail(): never {
  throw malformed();
}

function malformed(): CryptoRefusal {
  return new CryptoRefusal('OperationError', 'The request is malformed');
}

import { utf8Length } from '../../encoding/utf8-encode.ts';
import { isHeaders } from '../../fetch/headers.ts';
import {
  Date,
  DatePrototypeToISOString,
  Error,
  JSONStringify,
  listToArray,
  newList,
  NumberPrototypeToString,
  ReflectGet,
  ReflectOwnKeys,
  RegExpPrototypeExec,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeByteLength,
  TypeError,
} from '../../primordials.ts';
import { isBufferSource, viewBytes } from '../../webidl/buffer-source.ts';
import { isObject, toDictionary, toUsvString } from '../../webidl/convert.ts';
import { listOf } from './get-options.ts';
import type { Digests, HttpMetadata } from './storage-calls.ts';
import { isAbsent } from './storage-values.ts';

const maxMetadataBytes = 8192;

/** Texts by name, without a prototype: worker code cannot watch them being set. */
interface Texts {
  __proto__: null;
  [name: string]: string | null;
}

const httpFields = [
  ['contentType', 'content-type'],
  ['contentLanguage', 'content-language'],
  ['contentDisposition', 'content-disposition'],
  ['contentEncoding', 'content-encoding'],
  ['cacheControl', 'cache-control'],
] as const;

/** An `R2HTTPMetadata`, or a Headers. */
export function toHttpMetadata(given: unknown, contentType: string | undefined): object {
  const metadata: Texts = { __proto__: null };
  if (contentType !== undefined) metadata['contentType'] = contentType;
  if (isAbsent(given)) return metadata;
  if (!isObject(given)) throw new TypeError('httpMetadata is not an object');
  const headers = isHeaders(given) ? listOf(given) : undefined;
  for (let i = 0; i < httpFields.length; i += 1) {
    const field = httpFields[i];
    if (field === undefined) continue;
    const name = field[0];
    const value: unknown = headers === undefined ? ReflectGet(given, name) : headers.get(field[1]);
    if (!isAbsent(value)) metadata[name] = toUsvString(value);
  }
  const expires: unknown =
    headers === undefined ? ReflectGet(given, 'cacheExpiry') : headers.get('expires');
  if (!isAbsent(expires)) {
    const date = isObject(expires) ? expires : new Date(toUsvString(expires));
    metadata['cacheExpiry'] = DatePrototypeToISOString(date);
  }
  return metadata;
}

/** The headers that the metadata stands for. */
export function headerPairs(metadata: HttpMetadata): readonly (readonly [string, string])[] {
  const pairs = newList<readonly [string, string]>();
  for (let i = 0; i < httpFields.length; i += 1) {
    const field = httpFields[i];
    if (field === undefined) continue;
    const value = metadata[field[0]];
    if (value !== undefined) pairs[pairs.length] = [field[1], value];
  }
  return listToArray(pairs);
}

export function toCustomMetadata(given: unknown): object {
  const metadata: Texts = { __proto__: null };
  if (isAbsent(given)) return metadata;
  const source = toDictionary<never>(given, 'customMetadata');
  const keys = ReflectOwnKeys(source);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    if (typeof key === 'string') metadata[key] = toUsvString(ReflectGet(source, key));
  }
  const length = utf8Length(JSONStringify(metadata));
  if (length > maxMetadataBytes) {
    throw new Error(`Metadata length of ${length} exceeds limit of ${maxMetadataBytes}.`);
  }
  return metadata;
}

const digestBytes = [
  ['md5', 16],
  ['sha1', 20],
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
] as const;

/** The checksums of `R2PutOptions`, each as bytes or in hex. */
export function toDigests(options: object): Digests {
  const digests: Texts = { __proto__: null };
  for (let i = 0; i < digestBytes.length; i += 1) {
    const row = digestBytes[i];
    if (row === undefined) continue;
    const given: unknown = ReflectGet(options, row[0]);
    if (isAbsent(given)) continue;
    const hex = isBufferSource(given) ? toHex(viewBytes(given)) : toUsvString(given);
    const lower = StringPrototypeToLowerCase(hex);
    const isHex = RegExpPrototypeExec(/^[0-9a-f]*$/, lower) !== null;
    if (!isHex || lower.length !== row[1] * 2) {
      throw new TypeError(`${row[0]} is not a digest of ${row[1]} bytes`);
    }
    digests[row[0]] = lower;
  }
  return digests as object;
}

function toHex(bytes: Uint8Array): string {
  let hex = '';
  const length = TypedArrayPrototypeByteLength(bytes);
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[i] ?? 0;
    hex += `${byte < 16 ? '0' : ''}${NumberPrototypeToString(byte, 16)}`;
  }
  return hex;
}

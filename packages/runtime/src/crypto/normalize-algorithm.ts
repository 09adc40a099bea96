import { DOMException } from '../dom-exception/dom-exception.ts';
import {
  newList,
  ReflectGet,
  RegExpPrototypeExec,
  StringPrototypeToLowerCase,
  TypeError,
} from '../primordials.ts';
import { isBufferSource, isUint8Array, type BufferSource } from '../webidl/buffer-source.ts';
import { isObject, toDomString } from '../webidl/convert.ts';
import { toEnforcedInteger } from '../webidl/integers.ts';
import { findAlgorithm, type CryptoOperation, type CryptoParameter } from './algorithm-table.ts';
import { keyStateOf, toCryptoKey, type CryptoKey } from './crypto-key.ts';
import type { RequestParts } from './request-parts.ts';

/** An `AlgorithmIdentifier` after WebIDL's conversion of the argument. */
export type AlgorithmIdentifier = string | object;

/** A normalised algorithm as JSON: bytes and keys are numbers of {@link RequestParts}. */
export interface PlainAlgorithm {
  name: string;
  [parameter: string]: string | number;
}

export function toAlgorithmIdentifier(value: unknown): AlgorithmIdentifier {
  return isObject(value) ? value : toDomString(value);
}

/**
 * https://w3c.github.io/webcrypto/#algorithm-normalization-normalize-an-algorithm. Runs the getters
 * of the algorithm; throws what the standard says.
 */
export function normalizeAlgorithm(
  operation: CryptoOperation,
  algorithm: AlgorithmIdentifier,
  parts: RequestParts,
): PlainAlgorithm {
  const given = typeof algorithm === 'string' ? algorithm : toName(algorithm);
  const entry = findAlgorithm(operation, (name) => isSameName(name, given));
  if (entry === undefined) {
    throw new DOMException(`"${given}" is no algorithm to ${operation} with`, 'NotSupportedError');
  }
  const plain: PlainAlgorithm = newPlain(entry.name);
  const { parameters } = entry;
  if (parameters.length === 0) return plain;
  // Converting to the algorithm's own dictionary reads the name again.
  const source = typeof algorithm === 'string' ? emptyDictionary : algorithm;
  if (typeof algorithm !== 'string') toName(algorithm);
  const values = newList<unknown>();
  for (let i = 0; i < parameters.length; i += 1) {
    const parameter = parameters[i];
    if (parameter !== undefined) values[i] = convert(source, parameter);
  }
  // Only now, when no getter can change them any more.
  for (let i = 0; i < parameters.length; i += 1) {
    const parameter = parameters[i];
    const value = values[i];
    if (parameter !== undefined && value !== undefined) {
      plain[parameter.name] = toPlain(parameter, value, parts);
    }
  }
  return plain;
}

const notAscii = /[^\0-\x7f]/;

function isSameName(name: string, given: string): boolean {
  // Some other letters have ASCII ones as their lower case.
  return (
    StringPrototypeToLowerCase(name) === StringPrototypeToLowerCase(given) &&
    RegExpPrototypeExec(notAscii, given) === null
  );
}

function newPlain(name: string): PlainAlgorithm {
  return { __proto__: null, name } as object as PlainAlgorithm;
}

const emptyDictionary: object = { __proto__: null };

function toName(algorithm: object): string {
  const name: unknown = ReflectGet(algorithm, 'name');
  if (name === undefined) throw new TypeError('The algorithm has no name');
  return toDomString(name);
}

/** The value of a member of the dictionary, by WebIDL; undefined when it may be missing and is. */
function convert(source: object, { name, kind, isRequired }: CryptoParameter): unknown {
  const value: unknown = ReflectGet(source, name);
  if (value === undefined) {
    if (isRequired) throw new TypeError(`The algorithm has no ${name}`);
    return undefined;
  }
  switch (kind) {
    case 'bytes':
      if (isBufferSource(value)) return value;
      throw new TypeError(`${name} is not an ArrayBuffer or a view`);
    case 'exponent':
      if (isUint8Array(value)) return value;
      throw new TypeError(`${name} is not a Uint8Array`);
    case 'key':
      return toCryptoKey(value, name);
    case 'hash':
      return toAlgorithmIdentifier(value);
    case 'curve':
      return toDomString(value);
    case 'octet':
      return toEnforced(value, 0xff, name);
    case 'short':
      return toEnforced(value, 0xffff, name);
    case 'long':
      return toUnsignedLong(value, name);
  }
}

/** WebIDL's `[EnforceRange] unsigned long`. */
function toUnsignedLong(value: unknown, name: string): number {
  return toEnforced(value, 0xffff_ffff, name);
}

function toEnforced(value: unknown, most: number, name: string): number {
  const number = toEnforcedInteger(value, name);
  if (number <= most) return number;
  throw new TypeError(`${name} is out of range`);
}

function toPlain({ kind }: CryptoParameter, value: unknown, parts: RequestParts): string | number {
  // `convert` has made sure of the types.
  switch (kind) {
    case 'bytes':
    case 'exponent':
      return parts.addCopy(value as BufferSource);
    case 'key':
      return parts.addCopy(keyStateOf(value as CryptoKey).sealed);
    case 'hash':
      return normalizeAlgorithm('digest', value as AlgorithmIdentifier, parts).name;
    default:
      return value as string | number;
  }
}

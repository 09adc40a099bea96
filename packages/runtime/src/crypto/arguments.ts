import { DOMException } from '../dom-exception/dom-exception.ts';
import { newList, TypeError, type List } from '../primordials.ts';
import { isBufferSource, type BufferSource } from '../webidl/buffer-source.ts';
import { toDomString } from '../webidl/convert.ts';
import { keyStateOf, type CryptoKey } from './crypto-key.ts';
import { toStrings } from './json-web-key.ts';

/* The conversions and checks that the methods of SubtleCrypto have in common. */

const formats = ['raw', 'pkcs8', 'spki', 'jwk'] as const;
const keyUsages = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'deriveKey',
  'deriveBits',
  'wrapKey',
  'unwrapKey',
] as const;

export type KeyFormat = (typeof formats)[number];

export function toKeyFormat(value: unknown): KeyFormat {
  return toChoice(toDomString(value), formats, 'format');
}

export function toUsages(value: unknown): List<string> {
  const strings = toStrings(value, 'keyUsages');
  const usages = newList<string>();
  for (let i = 0; i < strings.length; i += 1) {
    usages[i] = toChoice(strings[i] ?? '', keyUsages, 'key usage');
  }
  return usages;
}

export function toBufferSource(value: unknown, name: string): BufferSource {
  if (isBufferSource(value)) return value;
  throw new TypeError(`${name} is not an ArrayBuffer or a view`);
}

/** Throws what the standard says when the key is for something else. */
export function requireKey(key: CryptoKey, algorithmName: string, usage: string): void {
  const state = keyStateOf(key);
  if (state.algorithmName !== algorithmName) {
    throw invalidAccess(`The key is for ${state.algorithmName}, not for ${algorithmName}`);
  }
  if (!state.allows(usage)) throw invalidAccess(`The key's usages do not contain ${usage}`);
}

export function requireExportable(key: CryptoKey): void {
  const { algorithmName, description } = keyStateOf(key);
  if (algorithmName === 'HKDF' || algorithmName === 'PBKDF2') {
    throw new DOMException(`Keys for ${algorithmName} cannot be exported`, 'NotSupportedError');
  }
  if (!description.extractable) throw invalidAccess('The key is not extractable');
}

function invalidAccess(message: string): DOMException {
  return new DOMException(message, 'InvalidAccessError');
}

function toChoice<Choice extends string>(
  text: string,
  choices: readonly Choice[],
  name: string,
): Choice {
  for (let i = 0; i < choices.length; i += 1) {
    const choice = choices[i];
    if (choice === text) return choice;
  }
  throw new TypeError(`"${text}" is no ${name}`);
}

import { newList, ReflectGet, SymbolIterator, TypeError, type List } from '../primordials.ts';
import { isObject, toBoolean, toDictionary, toDomString } from '../webidl/convert.ts';
import { iterate } from '../webidl/to-pairs.ts';

/** A JsonWebKey that JSON can take as it is. */
export type PlainJsonWebKey = Record<string, string | boolean | List<string> | List<object>>;

/** In the order in which WebIDL converts them. */
const members = [
  'alg',
  'crv',
  'd',
  'dp',
  'dq',
  'e',
  'ext',
  'k',
  'key_ops',
  'kty',
  'n',
  'oth',
  'p',
  'q',
  'qi',
  'use',
  'x',
  'y',
] as const;
const primeMembers = ['d', 'r', 't'] as const;

/** https://w3c.github.io/webcrypto/#JsonWebKey-dictionary, converted. Runs the getters of the value. */
export function toJsonWebKey(value: unknown): PlainJsonWebKey {
  const source = toDictionary(value, 'JsonWebKey');
  const plain: PlainJsonWebKey = newPlain();
  for (let i = 0; i < members.length; i += 1) {
    const name = members[i];
    if (name === undefined) continue;
    const member: unknown = ReflectGet(source, name);
    if (member === undefined) continue;
    if (name === 'ext') plain[name] = toBoolean(member);
    else if (name === 'key_ops') plain[name] = toStrings(member, name);
    else if (name === 'oth') plain[name] = toPrimes(member);
    else plain[name] = toDomString(member);
  }
  return plain;
}

/** WebIDL's `sequence<DOMString>`. */
export function toStrings(value: unknown, name: string): List<string> {
  const strings = newList<string>();
  if (!isObject(value)) throw new TypeError(`${name} is not iterable`);
  iterate(value, ReflectGet(value, SymbolIterator), (item) => {
    strings[strings.length] = toDomString(item);
  });
  return strings;
}

/** `sequence<RsaOtherPrimesInfo>` */
function toPrimes(value: unknown): List<object> {
  const primes = newList<object>();
  if (!isObject(value)) throw new TypeError('oth is not iterable');
  iterate(value, ReflectGet(value, SymbolIterator), (item) => {
    const source = toDictionary(item, 'RsaOtherPrimesInfo');
    const prime = newPlain();
    for (let i = 0; i < primeMembers.length; i += 1) {
      const name = primeMembers[i];
      const member: unknown = name === undefined ? name : ReflectGet(source, name);
      if (name !== undefined && member !== undefined) prime[name] = toDomString(member);
    }
    primes[primes.length] = prime;
  });
  return primes;
}

function newPlain(): PlainJsonWebKey {
  return { __proto__: null } as object as PlainJsonWebKey;
}

/**
 * The algorithms of Web Crypto and their parameters, for both sides: the isolate converts what
 * worker code gives by this table, the sandbox checks by it what an isolate sends.
 * https://w3c.github.io/webcrypto/#algorithm-overview
 */
export type CryptoOperation =
  | 'encrypt'
  | 'decrypt'
  | 'sign'
  | 'verify'
  | 'digest'
  | 'deriveBits'
  | 'wrapKey'
  | 'unwrapKey'
  | 'generateKey'
  | 'importKey'
  | 'get key length';

/**
 * `octet`, `short` and `long` are WebIDL's unsigned integers with `[EnforceRange]`; `exponent` is a
 * `BigInteger`, which is a Uint8Array.
 */
type CryptoParameterKind =
  'bytes' | 'curve' | 'exponent' | 'hash' | 'key' | 'long' | 'octet' | 'short';

export interface CryptoParameter {
  readonly name: string;
  readonly kind: CryptoParameterKind;
  readonly isRequired: boolean;
}

/** In the order in which WebIDL converts the members of the dictionary. */
type Parameters = readonly CryptoParameter[];

interface AlgorithmRow {
  readonly names: readonly string[];
  readonly operations: readonly CryptoOperation[];
  readonly parameters: Parameters;
}

const curve = required('namedCurve', 'curve');
const hash = required('hash', 'hash');
const iv = required('iv', 'bytes');
const salt = required('salt', 'bytes');
const otherKey = required('public', 'key');
const aes = ['AES-CTR', 'AES-CBC', 'AES-GCM', 'AES-KW'];
const rsa = ['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'RSA-OAEP'];
const digests = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

const rows: readonly AlgorithmRow[] = [
  row(digests, ['digest'], []),
  row(['RSASSA-PKCS1-v1_5', 'Ed25519', 'HMAC'], ['sign', 'verify'], []),
  row(['RSA-PSS'], ['sign', 'verify'], [required('saltLength', 'long')]),
  row(['ECDSA'], ['sign', 'verify'], [hash]),
  row(['RSA-OAEP'], ['encrypt', 'decrypt'], [optional('label', 'bytes')]),
  row(['AES-CBC'], ['encrypt', 'decrypt'], [iv]),
  row(
    ['AES-CTR'],
    ['encrypt', 'decrypt'],
    [required('counter', 'bytes'), required('length', 'octet')],
  ),
  row(
    ['AES-GCM'],
    ['encrypt', 'decrypt'],
    [optional('additionalData', 'bytes'), iv, optional('tagLength', 'octet')],
  ),
  row(['AES-KW'], ['wrapKey', 'unwrapKey'], []),
  row(['ECDH', 'X25519'], ['deriveBits'], [otherKey]),
  row(['HKDF'], ['deriveBits'], [hash, required('info', 'bytes'), salt]),
  row(['PBKDF2'], ['deriveBits'], [hash, required('iterations', 'long'), salt]),
  row(
    rsa,
    ['generateKey'],
    [required('modulusLength', 'long'), required('publicExponent', 'exponent'), hash],
  ),
  row(rsa, ['importKey'], [hash]),
  row(['ECDSA', 'ECDH'], ['generateKey', 'importKey'], [curve]),
  row(['Ed25519', 'X25519'], ['generateKey', 'importKey'], []),
  row(aes, ['generateKey', 'get key length'], [required('length', 'short')]),
  row(aes, ['importKey'], []),
  row(['HMAC'], ['generateKey', 'importKey', 'get key length'], [hash, optional('length', 'long')]),
  row(['HKDF', 'PBKDF2'], ['importKey', 'get key length'], []),
];

/** What an algorithm of a name, in its proper spelling, takes for an operation. */
export interface AlgorithmEntry {
  readonly name: string;
  readonly parameters: Parameters;
}

/** @param isName Whether a name is the one that is looked for. */
export function findAlgorithm(
  operation: CryptoOperation,
  isName: (name: string) => boolean,
): AlgorithmEntry | undefined {
  for (let i = 0; i < rows.length; i += 1) {
    const { names, operations, parameters } = rows[i] ?? noRow;
    if (!includes(operations, operation)) continue;
    for (let j = 0; j < names.length; j += 1) {
      const name = names[j] ?? '';
      if (isName(name)) return { name, parameters };
    }
  }
  return undefined;
}

function includes(list: readonly string[], item: string): boolean {
  for (let i = 0; i < list.length; i += 1) if (list[i] === item) return true;
  return false;
}

const noRow = row([], [], []);

function row(
  names: readonly string[],
  operations: readonly CryptoOperation[],
  parameters: Parameters,
): AlgorithmRow {
  return { names, operations, parameters };
}

function required(name: string, kind: CryptoParameterKind): CryptoParameter {
  return { name, kind, isRequired: true };
}

function optional(name: string, kind: CryptoParameterKind): CryptoParameter {
  return { name, kind, isRequired: false };
}

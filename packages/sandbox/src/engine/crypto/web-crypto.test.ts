import { randomBytes, webcrypto } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { bundleTestRuntime } from '../testing/test-engine.ts';
import { ProgramRunner, runProgram } from './testing/subtle-program.ts';
import type { ProgramResults, ProgramStep, ProgramValue } from './testing/subtle-program.ts';

/*
 * The whole path, from `crypto.subtle` in an isolate to the sandbox and back, against Node's own
 * Web Crypto: what one makes the other must understand, and both must fail in the same way.
 */

const runner = new ProgramRunner(bundleTestRuntime());
afterAll(() => runner.dispose());

const inWorker = (steps: readonly ProgramStep[]): Promise<ProgramResults> => runner.run(steps);
const inNode = (steps: readonly ProgramStep[]): Promise<ProgramResults> =>
  runProgram(webcrypto.subtle, steps);

type Side = typeof inWorker;

const both: readonly (readonly [from: Side, to: Side])[] = [
  [inWorker, inNode],
  [inNode, inWorker],
];

const random = (length: number): { bytes: string } => ({
  bytes: randomBytes(length).toString('base64'),
});

async function expectSame(steps: readonly ProgramStep[]): Promise<ProgramResults> {
  const [ours, nodes] = [await inWorker(steps), await inNode(steps)];
  expect(ours).toEqual(nodes);
  // Only the last step may fail: it may be meant to.
  expect(Object.keys(ours)).toHaveLength(steps.length);
  return ours;
}

/** Below and above what is processed on the main thread. */
const sizes = [0, 1, 100, 20_000];
const hashes = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

test.each(hashes)('digests with %s', async (hash) => {
  for (const size of sizes) await expectSame([['digest', 'digest', hash, random(size)]]);
});

interface KeyPairCase {
  readonly algorithm: ProgramValue;
  readonly privateUsages: readonly string[];
  readonly publicUsages: readonly string[];
  readonly hasRaw?: boolean;
}

const rsa = { modulusLength: 2048, publicExponent: { bytes: 'AQAB' } };
const curves = ['P-256', 'P-384', 'P-521'];
const signing: readonly (KeyPairCase & { readonly params: readonly ProgramValue[] })[] = [
  ...curves.map((namedCurve) => ({
    algorithm: { name: 'ECDSA', namedCurve },
    params: hashes.map((hash) => ({ name: 'ECDSA', hash })),
    hasRaw: true,
  })),
  ...hashes.map((hash) => ({
    algorithm: { name: 'RSASSA-PKCS1-v1_5', hash, ...rsa },
    params: ['RSASSA-PKCS1-v1_5'],
  })),
  ...hashes.map((hash) => ({
    algorithm: { name: 'RSA-PSS', hash, ...rsa },
    params: [0, 20, 32].map((saltLength) => ({ name: 'RSA-PSS', saltLength })),
  })),
  { algorithm: 'Ed25519', params: ['Ed25519'], hasRaw: true },
].map((each) => ({ ...each, privateUsages: ['sign'], publicUsages: ['verify'] }));

const agreeing: readonly KeyPairCase[] = [
  ...curves.map((namedCurve) => ({ name: 'ECDH', namedCurve })),
  { name: 'X25519' },
].map((algorithm) => ({
  algorithm,
  privateUsages: ['deriveBits', 'deriveKey'],
  publicUsages: [],
  hasRaw: true,
}));

const oaep: readonly KeyPairCase[] = hashes.map((hash) => ({
  algorithm: { name: 'RSA-OAEP', hash, ...rsa },
  privateUsages: ['decrypt', 'unwrapKey'],
  publicUsages: ['encrypt', 'wrapKey'],
}));

/** Generates a pair and exports it in every format. */
function generateSteps({ algorithm, privateUsages, publicUsages, hasRaw }: KeyPairCase) {
  const privateKey = { ref: 'pair', member: 'privateKey' };
  const publicKey = { ref: 'pair', member: 'publicKey' };
  const steps: ProgramStep[] = [
    ['pair', 'generateKey', algorithm, true, [...privateUsages, ...publicUsages]],
    ['pkcs8', 'exportKey', 'pkcs8', privateKey],
    ['jwk', 'exportKey', 'jwk', privateKey],
    ['spki', 'exportKey', 'spki', publicKey],
    ['publicJwk', 'exportKey', 'jwk', publicKey],
  ];
  if (hasRaw === true) steps.push(['raw', 'exportKey', 'raw', publicKey]);
  return steps;
}

/** Imports what {@link generateSteps} exported. */
function importSteps(each: KeyPairCase, made: ProgramResults): ProgramStep[] {
  const { algorithm, privateUsages, publicUsages, hasRaw } = each;
  // The exports are JSON of the right kinds.
  const part = (name: string): ProgramValue => made[name] as ProgramValue;
  const steps: ProgramStep[] = [
    ['fromPkcs8', 'importKey', 'pkcs8', part('pkcs8'), algorithm, true, privateUsages],
    ['fromJwk', 'importKey', 'jwk', part('jwk'), algorithm, true, privateUsages],
    ['fromSpki', 'importKey', 'spki', part('spki'), algorithm, true, publicUsages],
    ['fromPublicJwk', 'importKey', 'jwk', part('publicJwk'), algorithm, true, publicUsages],
    ['again', 'exportKey', 'jwk', { ref: 'fromPkcs8' }],
    ['pkcs8Again', 'exportKey', 'pkcs8', { ref: 'fromJwk' }],
    ['publicAgain', 'exportKey', 'jwk', { ref: 'fromSpki' }],
    ['spkiAgain', 'exportKey', 'spki', { ref: 'fromPublicJwk' }],
  ];
  if (hasRaw === true) {
    steps.push(['fromRaw', 'importKey', 'raw', part('raw'), algorithm, true, publicUsages]);
  }
  return steps;
}

test.each([...signing, ...agreeing, ...oaep])(
  'keys of $algorithm go back and forth in every format',
  async (each) => {
    for (const [from, to] of both) {
      const made = await from(generateSteps(each));
      const steps = importSteps(each, made);
      const imported = await to(steps);
      expect(imported).toEqual(await from(steps));
      expect(Object.keys(imported)).toHaveLength(steps.length);
      expect(imported).toMatchObject({
        again: made['jwk'],
        pkcs8Again: made['pkcs8'],
        publicAgain: made['publicJwk'],
        spkiAgain: made['spki'],
      });
    }
  },
);

test.each(signing)('signatures with $algorithm are valid on the other side', async (each) => {
  for (const [from, to] of both) {
    const made = await from(generateSteps(each));
    const steps = importSteps(each, made);
    for (const params of each.params) {
      const data = random(sizes[Math.floor(Math.random() * sizes.length)] ?? 0);
      const signed = await from([
        ...steps,
        ['signature', 'sign', params, { ref: 'fromJwk' }, data],
      ]);
      const signature = signed['signature'] as { bytes: string };
      const altered = Uint8Array.fromBase64(signature.bytes);
      altered[5] = (altered[5] ?? 0) ^ 1;
      const verified = await to([
        ...steps,
        ['valid', 'verify', params, { ref: 'fromSpki' }, signature, data],
        ['altered', 'verify', params, { ref: 'fromSpki' }, { bytes: altered.toBase64() }, data],
        ['short', 'verify', params, { ref: 'fromSpki' }, { bytes: 'AAAA' }, data],
        ['other', 'verify', params, { ref: 'fromSpki' }, signature, random(50)],
      ]);
      expect(verified).toMatchObject({ valid: true, altered: false, short: false, other: false });
    }
  }
});

test.each(agreeing)('$algorithm derives the same bits and keys', async (each) => {
  const mine = await inNode(generateSteps(each));
  const theirs = await inNode(generateSteps(each));
  const { algorithm } = each;
  const params = { ...(algorithm as { name: string }), public: { ref: 'fromSpki' } };
  const results = await expectSame([
    ...importSteps(each, { ...mine, spki: theirs['spki'] as ProgramValue }),
    ['all', 'deriveBits', params, { ref: 'fromPkcs8' }],
    ['some', 'deriveBits', params, { ref: 'fromPkcs8' }, 128],
    ['odd', 'deriveBits', params, { ref: 'fromPkcs8' }, 131],
    [
      'key',
      'deriveKey',
      params,
      { ref: 'fromPkcs8' },
      { name: 'AES-GCM', length: 256 },
      true,
      ['encrypt'],
    ],
    ['raw', 'exportKey', 'raw', { ref: 'key' }],
    ['base', 'deriveKey', params, { ref: 'fromPkcs8' }, 'HKDF', false, ['deriveBits']],
    [
      'bits',
      'deriveBits',
      { name: 'HKDF', hash: 'SHA-256', salt: random(8), info: random(3) },
      { ref: 'base' },
      256,
    ],
  ]);
  expect(results).toHaveProperty('bits.bytes');
});

const aesModes: readonly [name: string, params: () => ProgramValue][] = [
  ['AES-CBC', () => ({ name: 'AES-CBC', iv: random(16) })],
  ['AES-CTR', () => ({ name: 'AES-CTR', counter: random(16), length: 64 })],
  [
    'AES-CTR',
    () => ({ name: 'AES-CTR', counter: { bytes: '/////////////////////w==' }, length: 11 }),
  ],
  ['AES-GCM', () => ({ name: 'AES-GCM', iv: random(12) })],
  [
    'AES-GCM',
    () => ({ name: 'AES-GCM', iv: random(12), additionalData: random(30), tagLength: 96 }),
  ],
  ['AES-GCM', () => ({ name: 'AES-GCM', iv: random(60), tagLength: 32 })],
];

test.each(aesModes)('%s encrypts and decrypts as Node does', async (name, newParams) => {
  for (const keyBytes of [16, 24, 32]) {
    for (const size of sizes) {
      const params = newParams();
      const key: ProgramStep = [
        'key',
        'importKey',
        'raw',
        random(keyBytes),
        name,
        true,
        ['encrypt', 'decrypt'],
      ];
      const jwk: ProgramStep = ['jwk', 'exportKey', 'jwk', { ref: 'key' }];
      const { encrypted } = await expectSame([
        key,
        jwk,
        ['encrypted', 'encrypt', params, { ref: 'key' }, random(size)],
        ['decrypted', 'decrypt', params, { ref: 'key' }, { ref: 'encrypted' }],
      ]);
      const altered = Uint8Array.fromBase64((encrypted as { bytes: string }).bytes);
      if (altered.length > 0) altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 0x80;
      await expectSame([
        key,
        ['decrypted', 'decrypt', params, { ref: 'key' }, { bytes: altered.toBase64() }],
      ]);
    }
  }
});

test.each(oaep)('$algorithm decrypts what the other side has encrypted', async (each) => {
  for (const [from, to] of both) {
    const steps = importSteps(each, await from(generateSteps(each)));
    for (const params of ['RSA-OAEP', { name: 'RSA-OAEP', label: random(9) }]) {
      const data = random(60);
      const { encrypted } = await from([
        ...steps,
        ['encrypted', 'encrypt', params, { ref: 'fromSpki' }, data],
      ]);
      const decrypt: ProgramStep = [
        'decrypted',
        'decrypt',
        params,
        { ref: 'fromJwk' },
        encrypted as ProgramValue,
      ];
      expect(await to([...steps, decrypt])).toMatchObject({ decrypted: data });
    }
  }
});

test.each(hashes)('HMAC with %s signs and verifies as Node does', async (hash) => {
  for (const size of sizes) {
    const data = random(size);
    await expectSame([
      ['key', 'importKey', 'raw', random(40), { name: 'HMAC', hash }, true, ['sign', 'verify']],
      ['jwk', 'exportKey', 'jwk', { ref: 'key' }],
      [
        'again',
        'importKey',
        'jwk',
        { ref: 'jwk' },
        { name: 'HMAC', hash },
        false,
        ['verify', 'sign'],
      ],
      ['signature', 'sign', 'HMAC', { ref: 'key' }, data],
      ['valid', 'verify', 'HMAC', { ref: 'again' }, { ref: 'signature' }, data],
      ['short', 'verify', 'HMAC', { ref: 'again' }, { bytes: 'AAAA' }, data],
      ['other', 'verify', 'HMAC', { ref: 'again' }, { ref: 'signature' }, random(9)],
    ]);
  }
});

const wrapping: readonly (readonly [name: string, params: () => ProgramValue])[] = [
  ['AES-KW', () => 'AES-KW'],
  ['AES-GCM', () => ({ name: 'AES-GCM', iv: random(12) })],
  ['AES-CBC', () => ({ name: 'AES-CBC', iv: random(16) })],
  ['AES-CTR', () => ({ name: 'AES-CTR', counter: random(16), length: 128 })],
];

interface WrappedCase {
  readonly format: string;
  readonly algorithm: ProgramValue;
  readonly usages: readonly string[];
  /** Makes the key `inner`. */
  readonly make: ProgramStep;
  readonly ref?: { readonly ref: string; readonly member: string };
}

const wrapped: readonly WrappedCase[] = [
  {
    format: 'raw',
    algorithm: 'AES-GCM',
    usages: ['encrypt'],
    make: ['inner', 'generateKey', { name: 'AES-GCM', length: 256 }, true, ['encrypt']],
  },
  {
    format: 'jwk',
    algorithm: { name: 'HMAC', hash: 'SHA-256' },
    usages: ['sign'],
    make: [
      'inner',
      'importKey',
      'raw',
      random(32),
      { name: 'HMAC', hash: 'SHA-256' },
      true,
      ['sign'],
    ],
  },
  {
    format: 'pkcs8',
    algorithm: { name: 'RSA-PSS', hash: 'SHA-384' },
    usages: ['sign'],
    make: ['inner', 'generateKey', { name: 'RSA-PSS', hash: 'SHA-384', ...rsa }, true, ['sign']],
    ref: { ref: 'inner', member: 'privateKey' },
  },
  {
    format: 'jwk',
    algorithm: { name: 'ECDH', namedCurve: 'P-384' },
    usages: ['deriveBits'],
    make: ['inner', 'generateKey', { name: 'ECDH', namedCurve: 'P-384' }, true, ['deriveBits']],
    ref: { ref: 'inner', member: 'privateKey' },
  },
];

test.each(wrapping)('%s wraps keys that the other side unwraps', async (name, newParams) => {
  const usages = ['wrapKey', 'unwrapKey'];
  const outer: ProgramStep = ['outer', 'importKey', 'raw', random(32), name, true, usages];
  for (const each of wrapped) {
    // It takes whole blocks only, which JSON rarely is.
    if (name === 'AES-KW' && each.format !== 'raw') continue;
    const params = newParams();
    const inner = each.ref ?? { ref: 'inner' };
    for (const [from, to] of both) {
      const made = await from([
        outer,
        each.make,
        ['exported', 'exportKey', each.format, inner],
        ['wrapped', 'wrapKey', each.format, inner, { ref: 'outer' }, params],
      ]);
      const sealed = made['wrapped'] as ProgramValue;
      const unwrap = [each.format, sealed, { ref: 'outer' }, params, each.algorithm];
      const result = await to([
        outer,
        ['open', 'unwrapKey', ...unwrap, true, each.usages],
        ['exported', 'exportKey', each.format, { ref: 'open' }],
        ['closed', 'unwrapKey', ...unwrap, false, each.usages],
        ['refused', 'exportKey', each.format, { ref: 'closed' }],
      ]);
      expect(result).toMatchObject({
        exported: made['exported'],
        closed: { extractable: false, usages: each.usages },
        refused: { error: 'InvalidAccessError' },
      });
    }
  }
});

test('RSA-OAEP wraps keys that the other side unwraps', async () => {
  const [each] = oaep;
  if (each === undefined) throw new Error('no RSA-OAEP');
  for (const [from, to] of both) {
    const steps = importSteps(each, await from(generateSteps(each)));
    const key = random(32);
    const made = await from([
      ...steps,
      ['inner', 'importKey', 'raw', key, 'AES-CBC', true, ['encrypt']],
      ['wrapped', 'wrapKey', 'raw', { ref: 'inner' }, { ref: 'fromSpki' }, 'RSA-OAEP'],
    ]);
    const sealed = made['wrapped'] as ProgramValue;
    const result = await to([
      ...steps,
      [
        'open',
        'unwrapKey',
        'raw',
        sealed,
        { ref: 'fromJwk' },
        'RSA-OAEP',
        'AES-CBC',
        true,
        ['encrypt'],
      ],
      ['exported', 'exportKey', 'raw', { ref: 'open' }],
    ]);
    expect(result).toMatchObject({ exported: key });
  }
});

describe.each(hashes)('with %s', (hash) => {
  test('HKDF derives as Node does', async () => {
    const params = { name: 'HKDF', hash, salt: random(16), info: random(20) };
    await expectSame([
      ['base', 'importKey', 'raw', random(30), 'HKDF', false, ['deriveBits', 'deriveKey']],
      ['bits', 'deriveBits', params, { ref: 'base' }, 1024],
      [
        'key',
        'deriveKey',
        params,
        { ref: 'base' },
        { name: 'HMAC', hash: 'SHA-512' },
        true,
        ['sign'],
      ],
      ['raw', 'exportKey', 'raw', { ref: 'key' }],
      ['none', 'deriveBits', params, { ref: 'base' }, null],
    ]);
  });

  test('PBKDF2 derives as Node does', async () => {
    for (const password of [random(0), random(12)]) {
      const params = { name: 'PBKDF2', hash, salt: random(16), iterations: 777 };
      await expectSame([
        ['base', 'importKey', 'raw', password, 'PBKDF2', false, ['deriveBits', 'deriveKey']],
        ['bits', 'deriveBits', params, { ref: 'base' }, 320],
        [
          'key',
          'deriveKey',
          params,
          { ref: 'base' },
          { name: 'AES-CBC', length: 192 },
          true,
          ['encrypt'],
        ],
        ['raw', 'exportKey', 'raw', { ref: 'key' }],
      ]);
    }
  });
});

import { createCrypto, Crypto } from '../crypto/crypto.ts';
import { SubtleCrypto } from '../crypto/subtle-crypto.ts';
import { cryptoModule } from './lazy-modules.ts';

const exports = { Crypto, crypto: createCrypto(), SubtleCrypto };

export type CryptoExports = typeof exports;
cryptoModule.provide(exports);

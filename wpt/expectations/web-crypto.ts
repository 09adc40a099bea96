import type { AreaExpectations } from '../expectation.ts';

const secure = 'asks that there be no subtle crypto where there is no TLS; a worker always has it';

/**
 * Not part of Web Cryptography Level 2: https://wicg.github.io/webcrypto-modern-algos/, and the
 * curves Ed448 and X448, which Workers do not have either.
 */
const proposals = [
  'derive_bits_keys/argon2.tentative.https.any.js',
  'derive_bits_keys/cfrg_curves_bits_curve448.tentative.https.any.js',
  'derive_bits_keys/cfrg_curves_keys_curve448.tentative.https.any.js',
  'digest/cshake.tentative.https.any.js',
  'digest/sha3.tentative.https.any.js',
  'encap_decap/encap_decap_bits.tentative.https.any.js',
  'encap_decap/encap_decap_keys.tentative.https.any.js',
  'encrypt_decrypt/aes_ocb.tentative.https.any.js',
  'encrypt_decrypt/chacha20_poly1305.tentative.https.any.js',
  'generateKey/failures_AES-OCB.tentative.https.any.js',
  'generateKey/failures_Ed448.tentative.https.any.js',
  'generateKey/failures_ML-DSA.tentative.https.any.js',
  'generateKey/failures_ML-KEM.tentative.https.any.js',
  'generateKey/failures_X448.tentative.https.any.js',
  'generateKey/failures_chacha20_poly1305.tentative.https.any.js',
  'generateKey/failures_kmac.tentative.https.any.js',
  'generateKey/successes_AES-OCB.tentative.https.any.js',
  'generateKey/successes_Ed448.tentative.https.any.js',
  'generateKey/successes_ML-DSA.tentative.https.any.js',
  'generateKey/successes_ML-KEM.tentative.https.any.js',
  'generateKey/successes_X448.tentative.https.any.js',
  'generateKey/successes_chacha20_poly1305.tentative.https.any.js',
  'generateKey/successes_kmac.tentative.https.any.js',
  'getPublicKey.tentative.https.any.js',
  'import_export/AES-OCB_importKey.tentative.https.any.js',
  'import_export/Argon2_importKey.tentative.https.any.js',
  'import_export/ChaCha20-Poly1305_importKey.tentative.https.any.js',
  'import_export/KMAC_importKey.tentative.https.any.js',
  'import_export/ML-DSA_importKey.tentative.https.any.js',
  'import_export/ML-KEM_importKey.tentative.https.any.js',
  'import_export/okp_importKey_Ed448.tentative.https.any.js',
  'import_export/okp_importKey_X448.tentative.https.any.js',
  'import_export/okp_importKey_failures_Ed448.tentative.https.any.js',
  'import_export/okp_importKey_failures_X448.tentative.https.any.js',
  'sign_verify/eddsa_curve448.tentative.https.any.js',
  'sign_verify/kmac.tentative.https.any.js',
  'sign_verify/mldsa.tentative.https.any.js',
  'supports.tentative.https.any.js',
].map((file) => [`WebCryptoAPI/${file}`, 'proposal'] as const);

export const webCrypto: AreaExpectations = {
  notApplicable: Object.fromEntries(proposals),
  failures: {
    'WebCryptoAPI/historical.any.js': { '*': secure },
    'WebCryptoAPI/idlharness.https.any.js': {
      'WorkerGlobalScope interface: attribute crypto':
        'an own property of the global object, as in Workers',
    },
  },
};

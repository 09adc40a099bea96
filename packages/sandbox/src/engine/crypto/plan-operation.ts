import { assertNever } from '@openworkers/core/assert-never';
import type { KeyRing } from './key-ring.ts';
import type { HeldKey } from './held-key.ts';
import { planCipher, planSign, planVerify } from './plan-data.ts';
import { planDeriveBits, planDeriveKey } from './plan-derive.ts';
import { planExport, planGenerate, planImport } from './plan-keys.ts';
import { planUnwrap, planWrap } from './plan-wrap.ts';
import type { Plan } from './plan.ts';
import type { CryptoRequest } from './read-request.ts';

/** How to do what a request asks; throws when it may not be done. */
export function planOperation(request: CryptoRequest, ring: KeyRing): Plan {
  const { method } = request;
  switch (method) {
    case 'generateKey':
      return planGenerate(request);
    case 'importKey':
      return planImport(request);
    case 'encrypt':
    case 'decrypt':
      return planCipher(request, ring.open(request.key), method);
    case 'sign':
      return planSign(request, ring.open(request.key));
    case 'verify':
      return planVerify(request, ring.open(request.key));
    case 'deriveBits':
      return planDeriveBits(request, ring.open(request.key), publicKeyOf(request, ring));
    case 'deriveKey':
      return planDeriveKey(request, ring.open(request.key), publicKeyOf(request, ring));
    case 'exportKey':
      return planExport(request, ring.open(request.key));
    case 'wrapKey':
      return planWrap(request, ring.open(request.key), ring.open(request.wrapped));
    case 'unwrapKey':
      return planUnwrap(request, ring.open(request.key));
    default:
      return assertNever(method);
  }
}

function publicKeyOf({ algorithm }: CryptoRequest, ring: KeyRing): HeldKey | undefined {
  return algorithm.public === undefined ? undefined : ring.open(algorithm.public);
}

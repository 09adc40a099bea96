import { callHost } from '../dispatch/host-calls.ts';
import { TypedArrayPrototypeByteLength } from '../primordials.ts';
import { Deferred } from '../safe-promise.ts';
import { copyBytes, exactBuffer, isArrayBuffer } from '../webidl/buffer-source.ts';
import { toBufferSource } from './arguments.ts';
import { mostCryptoBytes, operationError } from './crypto-request.ts';
import { normalizeAlgorithm, toAlgorithmIdentifier } from './normalize-algorithm.ts';
import { RequestParts } from './request-parts.ts';

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-digest */
export function digest(algorithm: unknown, value: unknown): Promise<ArrayBuffer> {
  const identifier = toAlgorithmIdentifier(algorithm);
  const data = toBufferSource(value, 'data');
  const { name } = normalizeAlgorithm('digest', identifier, new RequestParts());
  const bytes = copyBytes(data);
  if (TypedArrayPrototypeByteLength(bytes) > mostCryptoBytes) {
    throw operationError('More bytes than can be processed');
  }
  const deferred = new Deferred<ArrayBuffer>();
  callHost({
    name: 'digest',
    argument: name,
    bytes: exactBuffer(bytes),
    onResult: (result) => {
      if (isArrayBuffer(result)) deferred.resolve(result);
      else deferred.reject(operationError('The digest failed'));
    },
    onError: (error) => deferred.reject(operationError(error.message)),
  });
  return deferred.promise;
}

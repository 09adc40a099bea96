import { Blob, blobStateOf, isBlob } from '../blob/blob.ts';
import { File, fileStateOf, isFile } from '../blob/file.ts';
import {
  DOMException,
  domExceptionStateOf,
  isDomException,
} from '../dom-exception/dom-exception.ts';
import { QuotaExceededError, quotaStateOf } from '../dom-exception/quota-exceeded-error.ts';
import { cryptoModule } from '../lazy/lazy-modules.ts';
import { ReflectGet } from '../primordials.ts';
import { defineHidden } from './define-property.ts';

/**
 * How to make a copy of one of the runtime's serialisable objects; undefined for anything else. Each
 * kind is restored as the nearest interface, whatever the worker has derived from it.
 */
export function serializePlatformObject(value: object): (() => object) | undefined {
  if (isDomException(value)) return serializeException(value);
  if (isFile(value)) {
    const state = blobStateOf(value);
    const { name, lastModified } = fileStateOf(value);
    return () => new File(state, name, { lastModified });
  }
  // Without the part there are no keys.
  const crypto = cryptoModule.loaded;
  if (crypto?.isCryptoKey(value) === true) {
    const key = crypto.keyStateOf(value);
    return () => new crypto.CryptoKey(key);
  }
  if (!isBlob(value)) return undefined;
  const state = blobStateOf(value);
  return () => new Blob(state);
}

function serializeException(value: DOMException): () => object {
  const { name, message } = domExceptionStateOf(value);
  const stack: unknown = ReflectGet(value, 'stack');
  const quotaState = quotaStateOf(value);
  return () => {
    const copy =
      quotaState === undefined
        ? new DOMException(message, name)
        : new QuotaExceededError(message, quotaState);
    if (typeof stack === 'string') defineHidden(copy, 'stack', stack);
    return copy;
  };
}

/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { Error, TypeError } from '../primordials.ts';
import { promiseReject, promiseResolve } from '../safe-promise.ts';
import { requireArguments, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { createCache, type Cache } from './cache.ts';

const key = {};
/** Longest name of a cache, in UTF-16 units. */
const maxNameLength = 1024;

/**
 * `caches`, as Workers have it: a default cache, and others that exist as soon as they are named.
 * Nobody keeps a list of the names, so what would need one rejects.
 */
export class CacheStorage {
  readonly #default = createCache(undefined);

  constructor(given: unknown = undefined) {
    if (given !== key) throw new TypeError('Illegal constructor');
  }

  get default(): Cache {
    return this.#default;
  }

  open(name: unknown): Promise<Cache> {
    try {
      void this.#default;
      requireArguments(arguments.length, 1, 'CacheStorage.open');
      const text = toUsvString(name);
      if (text.length > maxNameLength) {
        throw new TypeError(`The name of a cache has at most ${maxNameLength} characters`);
      }
      return promiseResolve(createCache(text));
    } catch (error) {
      return promiseReject(error);
    }
  }

  has(): Promise<boolean> {
    return notImplemented('CacheStorage.has');
  }

  delete(): Promise<boolean> {
    return notImplemented('CacheStorage.delete');
  }

  keys(): Promise<string[]> {
    return notImplemented('CacheStorage.keys');
  }

  match(): Promise<undefined> {
    return notImplemented('CacheStorage.match');
  }

  static {
    defineInterface(this, 'CacheStorage');
  }
}

export function createCacheStorage(): CacheStorage {
  return new CacheStorage(key);
}

function notImplemented(name: string): Promise<never> {
  return promiseReject(new Error(`${name} is not implemented`));
}

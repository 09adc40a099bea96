/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  ArrayIsArray,
  JSONParse,
  listToArray,
  Map,
  MapPrototypeSet,
  newList,
  ReflectGet,
  TypeError,
} from '../../primordials.ts';
import type { List } from '../../primordials.ts';
import { promiseResolve } from '../../safe-promise.ts';
import { isObject, requireArguments } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { callBinding } from '../binding-call.ts';
import { andThen, attempt } from '../promises.ts';
import { getEntries, getEntry, toValueType, valueAs } from './kv-get.ts';
import type { ManyEntry, ValueType } from './kv-get.ts';
import { toKey } from './kv-key.ts';
import { listKeys } from './kv-list.ts';
import type { KeyList } from './kv-list.ts';
import { putEntry, toExpiry, toMetadata, toPutOptions, toTextOrBytes } from './kv-put.ts';

const maxKeysAtOnce = 100;

/** A key-value namespace with the methods of Cloudflare's `KVNamespace`. */
export class KvNamespace {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  /** The value, or a Map of them when given an array of keys; null where there is none. */
  get(key: unknown, options: unknown = undefined): Promise<unknown> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'KV get()');
      const type = typeOf(options);
      if (ArrayIsArray(key)) return this.#getMany(key, type, ({ value }) => value);
      return andThen(getEntry(this.#binding, toKey(key)), (entry) =>
        entry === undefined ? null : valueAs(type, entry.content),
      );
    });
  }

  getWithMetadata(key: unknown, options: unknown = undefined): Promise<unknown> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'KV getWithMetadata()');
      const type = typeOf(options);
      if (ArrayIsArray(key)) return this.#getMany(key, type, (found) => found);
      return andThen(getEntry(this.#binding, toKey(key)), (entry) => {
        if (entry === undefined) return { value: null, metadata: null, cacheStatus: null };
        const { metadata, content } = entry;
        return andThen(promiseResolve(valueAs(type, content)), (value) => ({
          value,
          metadata,
          cacheStatus: null,
        }));
      });
    });
  }

  put(key: unknown, value: unknown, options: unknown = undefined): Promise<undefined> {
    return attempt(() => {
      requireArguments(arguments.length, 2, 'KV put()');
      const given = toPutOptions(options);
      return putEntry({
        binding: this.#binding,
        key: toKey(key),
        expires: toExpiry(given),
        metadata: toMetadata(ReflectGet(given, 'metadata')),
        ...toTextOrBytes(value),
      });
    });
  }

  delete(key: unknown): Promise<undefined> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'KV delete()');
      const question = { __proto__: null, binding: this.#binding, op: 'delete', key: toKey(key) };
      return andThen(callBinding({ kind: 'kv', question }), () => undefined);
    });
  }

  list(options: unknown = undefined): Promise<object> {
    return attempt(() => andThen(listKeys(this.#binding, options), toListResult));
  }

  #getMany(
    given: unknown[],
    type: ValueType,
    pick: (found: { value: unknown; metadata: unknown }) => unknown,
  ): Promise<unknown> {
    if (type !== 'text' && type !== 'json') {
      throw new TypeError(`"${type}" is not a valid type. Use "json" or "text" for many keys.`);
    }
    const keys = toKeys(given);
    return andThen(getEntries(this.#binding, listToArray(keys)), (entries) => {
      const found = new Map<unknown, unknown>();
      for (let i = 0; i < entries.length; i += 1) {
        const entry = entries[i];
        if (entry !== undefined) MapPrototypeSet(found, entry.key, pick(read(entry, type)));
      }
      return found;
    });
  }

  static {
    defineInterface(this, 'KvNamespace');
  }
}

function read(
  { value, metadata }: ManyEntry,
  type: ValueType,
): { value: unknown; metadata: unknown } {
  return { value: value === null || type === 'text' ? value : JSONParse(value), metadata };
}

function toKeys(given: unknown[]): List<string> {
  if (given.length === 0 || given.length > maxKeysAtOnce) {
    throw new TypeError(`You can request from 1 to ${maxKeysAtOnce} keys at once.`);
  }
  const keys = newList<string>();
  for (let i = 0; i < given.length; i += 1) keys[i] = toKey(given[i]);
  return keys;
}

function typeOf(options: unknown): ValueType {
  return toValueType(isObject(options) ? ReflectGet(options, 'type') : options);
}

function toListResult({ keys, cursor }: KeyList): object {
  const listed = newList<object>();
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    if (key === undefined) continue;
    const { name, expiration, metadata } = key;
    listed[i] = {
      name,
      ...(expiration !== null && { expiration }),
      ...(metadata !== null && { metadata: JSONParse(metadata) as unknown }),
    };
  }
  const isComplete = cursor === null;
  const rest = isComplete ? {} : { cursor };
  return { keys: listToArray(listed), list_complete: isComplete, ...rest, cacheStatus: null };
}

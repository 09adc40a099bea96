import {
  ArrayBufferIsView,
  ArrayBufferPrototypeDetached,
  ArrayIsArray,
  DataViewPrototypeBuffer,
  DataViewPrototypeByteLength,
  DataViewPrototypeByteOffset,
  ErrorIsError,
  globalObject,
  MapPrototypeForEach,
  newList,
  ObjectHasOwn,
  ObjectKeys,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  SetPrototypeForEach,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteOffset,
  TypedArrayPrototypeLength,
  TypedArrayPrototypeToStringTag,
} from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';
import { exactBuffer, copyBytes, isArrayBuffer } from '../webidl/buffer-source.ts';
import { isObject, toDomString } from '../webidl/convert.ts';
import { classify } from './classify.ts';
import { dataCloneError } from './data-clone-error.ts';
import { serializePlatformObject } from './serialize-platform-object.ts';
import type {
  Serialized,
  SerializedBuffer,
  SerializedError,
  SerializedMove,
  SerializedObject,
} from './serialized.ts';

/**
 * https://html.spec.whatwg.org/#structuredserializeinternal. Runs getters and proxies of the value;
 * nesting that is too deep ends with the engine's RangeError.
 */
export class Serializer {
  readonly #memory = new SafeMap<object, SerializedObject>();

  /** A record for a buffer that is to be moved when everything has been serialised. */
  reserve(buffer: ArrayBuffer): SerializedBuffer {
    const record: SerializedBuffer = { kind: 'buffer', buffer: undefined, restored: undefined };
    this.#memory.set(buffer, record);
    return record;
  }

  /** The same for a platform object. */
  reserveMove(object: object): SerializedMove {
    const record: SerializedMove = { kind: 'move', restore: undefined, restored: undefined };
    this.#memory.set(object, record);
    return record;
  }

  hasSeen(value: object): boolean {
    return this.#memory.has(value);
  }

  /** Throws a DataCloneError for what cannot be cloned. */
  serialize(value: unknown): Serialized {
    if (isObject(value)) return this.#memory.get(value) ?? this.#serializeObject(value);
    if (typeof value === 'symbol') throw dataCloneError(value);
    // Only primitives are left.
    return value as Serialized;
  }

  #serializeObject(value: object): SerializedObject {
    if (typeof value === 'function' || value === globalObject) throw dataCloneError(value);
    if (ArrayIsArray(value)) return this.#properties(value, 'array', value.length);
    if (ArrayBufferIsView(value)) return this.#view(value);
    const restore = serializePlatformObject(value);
    if (restore !== undefined) return this.#remember(value, leaf(restore));
    if (ErrorIsError(value)) return this.#error(value);
    const treatment = classify(value);
    switch (treatment.kind) {
      case 'leaf':
        return this.#remember(value, leaf(treatment.restore));
      case 'map':
      case 'set':
        return this.#collection(value, treatment.kind);
      case 'buffer':
        return this.#buffer(value);
      case 'properties':
        return this.#properties(value, 'object', 0);
      case 'refused':
        throw dataCloneError(value);
    }
  }

  #remember<Kind extends SerializedObject>(value: object, record: Kind): Kind {
    this.#memory.set(value, record);
    return record;
  }

  #properties(value: object, kind: 'array' | 'object', length: number): SerializedObject {
    const keys = newList<string>();
    const values = newList<Serialized>();
    const record = { kind, length, keys, values, restored: undefined } as const;
    this.#remember(value, record);
    const names = ObjectKeys(value);
    for (let i = 0; i < names.length; i += 1) {
      const name = names[i];
      // A getter before it may have removed the property.
      if (name === undefined || !ObjectHasOwn(value, name)) continue;
      const serialized = this.serialize(ReflectGet(value, name));
      keys[keys.length] = name;
      values[values.length] = serialized;
    }
    return record;
  }

  #collection(value: object, kind: 'map' | 'set'): SerializedObject {
    const items = newList<Serialized>();
    const record = this.#remember(value, { kind, items, restored: undefined });
    // All at once: serialising may run code that changes the collection.
    const found = newList<unknown>();
    if (kind === 'set') SetPrototypeForEach(value, (item) => void (found[found.length] = item));
    else {
      MapPrototypeForEach(value, (item, key) => {
        found[found.length] = key;
        found[found.length] = item;
      });
    }
    for (let i = 0; i < found.length; i += 1) items[i] = this.serialize(found[i]);
    return record;
  }

  #buffer(value: object): SerializedObject {
    if (!isArrayBuffer(value) || ArrayBufferPrototypeDetached(value)) throw dataCloneError(value);
    const buffer = exactBuffer(copyBytes(value));
    return this.#remember(value, { kind: 'buffer', buffer, restored: undefined });
  }

  #view(value: ArrayBufferView): SerializedObject {
    const name = TypedArrayPrototypeToStringTag(value) ?? 'DataView';
    const isDataView = name === 'DataView';
    const source = isDataView ? DataViewPrototypeBuffer(value) : TypedArrayPrototypeBuffer(value);
    const buffer = this.#memory.get(source) ?? this.#buffer(source);
    const byteOffset = isDataView
      ? DataViewPrototypeByteOffset(value)
      : TypedArrayPrototypeByteOffset(value);
    const length = isDataView
      ? DataViewPrototypeByteLength(value)
      : TypedArrayPrototypeLength(value);
    return this.#remember(value, {
      kind: 'view',
      name,
      buffer,
      byteOffset,
      length,
      restored: undefined,
    });
  }

  #error(value: object): SerializedObject {
    const name: unknown = ReflectGet(value, 'name');
    const message = ReflectGetOwnPropertyDescriptor(value, 'message');
    const hasMessage = message !== undefined && ObjectHasOwn(message, 'value');
    const stack: unknown = ReflectGet(value, 'stack');
    const cause = ReflectGetOwnPropertyDescriptor(value, 'cause');
    const record: SerializedError = {
      kind: 'error',
      name: name === undefined ? 'Error' : toDomString(name),
      message: hasMessage ? toDomString(message.value) : undefined,
      stack: typeof stack === 'string' ? stack : undefined,
      hasCause: cause !== undefined && ObjectHasOwn(cause, 'value'),
      cause: undefined,
      restored: undefined,
    };
    this.#remember(value, record);
    if (record.hasCause) record.cause = this.serialize(cause?.value);
    return record;
  }
}

function leaf(restore: () => object): SerializedObject {
  return { kind: 'leaf', restore, restored: undefined };
}

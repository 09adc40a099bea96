/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  ArrayBufferPrototypeDetached,
  ArrayBufferPrototypeTransfer,
  newList,
  ReflectGet,
  SymbolIterator,
  TypeError,
  type List,
} from '../primordials.ts';
import { streamsModule } from '../lazy/lazy-modules.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';
import { isObject, requireArguments, toDictionary } from '../webidl/convert.ts';
import { iterate } from '../webidl/to-pairs.ts';
import { dataCloneError } from './data-clone-error.ts';
import { deserialize } from './deserialize.ts';
import type { Serialized } from './serialized.ts';
import { Serializer } from './serializer.ts';

/** https://html.spec.whatwg.org/#dom-structuredclone */
export function structuredClone(value: unknown, options: unknown = undefined): unknown {
  requireArguments(arguments.length, 1, 'structuredClone');
  const { transfer } = toDictionary<'transfer'>(options, 'structuredClone');
  return deserialize(serializeWithTransfer(value, toObjects(transfer)));
}

/**
 * https://html.spec.whatwg.org/#structuredserializewithtransfer. What is in `transfer` is moved once
 * everything has been serialised.
 */
function serializeWithTransfer(value: unknown, transfer: List<object>): Serialized {
  const serializer = new Serializer();
  const moves = newList<() => void>();
  for (let i = 0; i < transfer.length; i += 1) {
    const from = transfer[i];
    if (from === undefined || serializer.hasSeen(from)) throw dataCloneError(from);
    moves[moves.length] = reserve(serializer, from);
  }
  const serialized = serializer.serialize(value);
  for (let i = 0; i < moves.length; i += 1) {
    const move = moves[i];
    move?.();
  }
  return serialized;
}

/** Makes room for the transferred object; the result moves it. */
function reserve(serializer: Serializer, from: object): () => void {
  if (isArrayBuffer(from)) {
    const record = serializer.reserve(from);
    return () => {
      if (ArrayBufferPrototypeDetached(from)) throw dataCloneError(from);
      record.buffer = ArrayBufferPrototypeTransfer(from);
    };
  }
  // Nobody has a stream before the streams are loaded.
  const streams = streamsModule.loaded;
  if (streams === undefined || !streams.isStream(from)) throw dataCloneError(from);
  const record = serializer.reserveMove(from);
  return () => {
    try {
      record.restore = streams.transferStream(from);
    } catch {
      // It is locked.
      throw dataCloneError(from);
    }
  };
}

/** WebIDL's `sequence<object>`. */
function toObjects(value: unknown): List<object> {
  const objects = newList<object>();
  if (value === undefined) return objects;
  if (!isObject(value)) throw new TypeError('structuredClone: transfer is not iterable');
  iterate(value, ReflectGet(value, SymbolIterator), (item) => {
    if (!isObject(item)) throw new TypeError('structuredClone: an item to transfer is no object');
    objects[objects.length] = item;
  });
  return objects;
}

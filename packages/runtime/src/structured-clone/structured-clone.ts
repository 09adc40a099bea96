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
import { isArrayBuffer } from '../webidl/buffer-source.ts';
import { isObject, requireArguments, toDictionary } from '../webidl/convert.ts';
import { iterate } from '../webidl/to-pairs.ts';
import { dataCloneError } from './data-clone-error.ts';
import { deserialize } from './deserialize.ts';
import type { Serialized, SerializedBuffer } from './serialized.ts';
import { Serializer } from './serializer.ts';

/** https://html.spec.whatwg.org/#dom-structuredclone */
export function structuredClone(value: unknown, options: unknown = undefined): unknown {
  requireArguments(arguments.length, 1, 'structuredClone');
  const { transfer } = toDictionary<'transfer'>(options, 'structuredClone');
  return deserialize(serializeWithTransfer(value, toObjects(transfer)));
}

/**
 * https://html.spec.whatwg.org/#structuredserializewithtransfer. The buffers in `transfer` are
 * detached once everything has been serialised.
 */
function serializeWithTransfer(value: unknown, transfer: List<object>): Serialized {
  const serializer = new Serializer();
  const moves = newList<{ readonly from: ArrayBuffer; readonly to: SerializedBuffer }>();
  for (let i = 0; i < transfer.length; i += 1) {
    const from = transfer[i];
    if (!isArrayBuffer(from) || serializer.hasSeen(from)) throw dataCloneError(from);
    moves[moves.length] = { from, to: serializer.reserve(from) };
  }
  const serialized = serializer.serialize(value);
  for (let i = 0; i < moves.length; i += 1) {
    const move = moves[i];
    if (move === undefined) continue;
    if (ArrayBufferPrototypeDetached(move.from)) throw dataCloneError(move.from);
    move.to.buffer = ArrayBufferPrototypeTransfer(move.from);
  }
  return serialized;
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

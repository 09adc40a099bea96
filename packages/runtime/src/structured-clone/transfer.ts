import { messagingModule, streamsModule } from '../lazy/lazy-modules.ts';
import {
  ArrayBufferPrototypeDetached,
  ArrayBufferPrototypeTransfer,
  listToArray,
  newList,
  ReflectGet,
  SymbolIterator,
  TypeError,
  type List,
} from '../primordials.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';
import { isObject } from '../webidl/convert.ts';
import { iterate } from '../webidl/to-pairs.ts';
import { dataCloneError } from './data-clone-error.ts';
import { deserialize } from './deserialize.ts';
import type { Serialized, SerializedBuffer, SerializedMove } from './serialized.ts';
import { Serializer } from './serializer.ts';

/** A value on its way, with what moves along. */
export interface TransferredMessage {
  readonly serialized: Serialized;
  readonly moves: List<Move>;
}

interface Move {
  readonly record: SerializedBuffer | SerializedMove;
  /** Of a port: its state, once it has been moved. */
  portState: object | undefined;
  readonly isPort: boolean;
  readonly run: (move: Move) => void;
}

/**
 * https://html.spec.whatwg.org/#structuredserializewithtransfer. What is in `transfer` is moved once
 * everything has been serialised.
 */
export function serializeWithTransfer(value: unknown, transfer: List<object>): TransferredMessage {
  const serializer = new Serializer();
  const moves = newList<Move>();
  for (let i = 0; i < transfer.length; i += 1) {
    const from = transfer[i];
    if (from === undefined || serializer.hasSeen(from)) throw dataCloneError(from);
    moves[moves.length] = reserve(serializer, from);
  }
  const serialized = serializer.serialize(value);
  for (let i = 0; i < moves.length; i += 1) {
    const move = moves[i];
    move?.run(move);
  }
  return { serialized, moves };
}

/** https://html.spec.whatwg.org/#structureddeserializewithtransfer */
export function receiveWithTransfer(message: TransferredMessage): {
  data: unknown;
  ports: readonly object[];
} {
  const data = deserialize(message.serialized);
  const ports = newList<object>();
  for (let i = 0; i < message.moves.length; i += 1) {
    const move = message.moves[i];
    const moved = deserialize(move?.record);
    if (move?.isPort === true && isObject(moved)) ports[ports.length] = moved;
  }
  return { data, ports: listToArray(ports) };
}

/** Whether the state of this port moves with the message. */
export function movesPort({ moves }: TransferredMessage, state: object): boolean {
  for (let i = 0; i < moves.length; i += 1) if (moves[i]?.portState === state) return true;
  return false;
}

/** Makes room for the transferred object. */
function reserve(serializer: Serializer, from: object): Move {
  if (isArrayBuffer(from)) {
    const record = serializer.reserve(from);
    const run = (): void => {
      if (ArrayBufferPrototypeDetached(from)) throw dataCloneError(from);
      record.buffer = ArrayBufferPrototypeTransfer(from);
    };
    return { record, isPort: false, portState: undefined, run };
  }
  // Nobody has a port or a stream before these parts are loaded.
  const messaging = messagingModule.loaded;
  if (messaging?.isMessagePort(from) === true) {
    if (!messaging.isAttached(from)) throw dataCloneError(from);
    const record = serializer.reserveMove(from);
    const run = (move: Move): void => {
      const state = messaging.detachPort(from);
      move.portState = state;
      record.restore = () => new messaging.MessagePort(state);
    };
    return { record, isPort: true, portState: undefined, run };
  }
  const streams = streamsModule.loaded;
  if (streams === undefined || !streams.isStream(from)) throw dataCloneError(from);
  const record = serializer.reserveMove(from);
  const run = (): void => {
    try {
      record.restore = streams.transferStream(from);
    } catch {
      // It is locked.
      throw dataCloneError(from);
    }
  };
  return { record, isPort: false, portState: undefined, run };
}

/** WebIDL's `sequence<object>`, of what is to be transferred. */
export function toObjects(value: unknown): List<object> {
  const objects = newList<object>();
  if (value === undefined) return objects;
  if (!isObject(value)) throw new TypeError('What is to be transferred is not a sequence');
  iterate(value, ReflectGet(value, SymbolIterator), (item) => {
    if (!isObject(item)) throw new TypeError('An item to transfer is no object');
    objects[objects.length] = item;
  });
  return objects;
}

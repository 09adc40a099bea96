/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { listToArray, newList, ObjectFreeze, ReflectGet } from '../primordials.ts';
import { SymbolIterator, TypeError } from '../primordials.ts';
import {
  isObject,
  requireArguments,
  toDictionary,
  toDomString,
  toUsvString,
} from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { iterate } from '../webidl/to-pairs.ts';
import { Event, eventStateOf } from './event.ts';

/** Fills an event of the runtime's own, without a look at the patchable iterator of the array. */
let setMessage: (event: MessageEvent, data: unknown, ports: readonly object[]) => void;

/** https://html.spec.whatwg.org/#messageevent */
export class MessageEvent extends Event {
  #data: unknown;
  #origin: string;
  #lastEventId: string;
  #source: object | null;
  #ports: readonly object[];

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'MessageEvent constructor');
    super(type, init);
    const members = toDictionary<'data' | 'lastEventId' | 'origin' | 'ports' | 'source'>(
      init,
      'MessageEvent constructor',
    );
    const { data, lastEventId, origin, ports, source } = members;
    this.#data = data === undefined ? null : data;
    this.#lastEventId = lastEventId === undefined ? '' : toDomString(lastEventId);
    this.#origin = origin === undefined ? '' : toUsvString(origin);
    this.#ports = toPorts(ports);
    this.#source = toSource(source);
  }

  get data(): unknown {
    return this.#data;
  }

  get origin(): string {
    return this.#origin;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  get source(): object | null {
    return this.#source;
  }

  get ports(): readonly object[] {
    return this.#ports;
  }

  initMessageEvent(
    type: unknown,
    bubbles: unknown = false,
    cancelable: unknown = false,
    data: unknown = null,
    origin: unknown = '',
    lastEventId: unknown = '',
    source: unknown = null,
    ports: unknown = undefined,
  ): void {
    requireArguments(arguments.length, 1, 'MessageEvent.initMessageEvent');
    const state = eventStateOf(this);
    const members = {
      type: toDomString(type),
      origin: toUsvString(origin),
      lastEventId: toDomString(lastEventId),
      source: toSource(source),
      ports: toPorts(ports),
    };
    if (state.isDispatched) return;
    state.initialize(members.type, !!bubbles, !!cancelable);
    this.#data = data;
    this.#origin = members.origin;
    this.#lastEventId = members.lastEventId;
    this.#source = members.source;
    this.#ports = members.ports;
  }

  static {
    setMessage = (event, data, ports) => {
      event.#data = data;
      event.#ports = ObjectFreeze(ports);
    };
    defineInterface(this, 'MessageEvent');
  }
}

export { setMessage };

/** WebIDL's frozen array of a sequence of objects. */
function toPorts(value: unknown): readonly object[] {
  const ports = newList<object>();
  if (value !== undefined) {
    if (!isObject(value)) throw new TypeError('MessageEvent: ports is not a sequence');
    iterate(value, ReflectGet(value, SymbolIterator), (port) => {
      if (!isObject(port)) throw new TypeError('MessageEvent: a port is not an object');
      ports[ports.length] = port;
    });
  }
  return ObjectFreeze(listToArray(ports));
}

function toSource(value: unknown): object | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw new TypeError('MessageEvent: source is not an object');
  return value;
}

/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { EventHandler } from '../events/event-handler.ts';
import { dispatchTrusted, EventTarget } from '../events/event-target.ts';
import { Event } from '../events/event.ts';
import { MessageEvent, setMessage } from '../events/message-event.ts';
import { ReflectGet, SymbolIterator, TypeError } from '../primordials.ts';
import type { List } from '../primordials.ts';
import {
  movesPort,
  receiveWithTransfer,
  serializeWithTransfer,
  toObjects,
} from '../structured-clone/transfer.ts';
import type { TransferredMessage } from '../structured-clone/transfer.ts';
import { dataCloneError } from '../structured-clone/data-clone-error.ts';
import { isObject, requireArguments, toDictionary } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { PortState } from './port-state.ts';

let isMessagePort: (value: object) => boolean;
/** Whether it can be transferred: neither closed nor transferred already. */
let isAttached: (value: object) => boolean;
/** Takes its state off, which a new port may get. */
let detachPort: (value: object) => PortState;

/** https://html.spec.whatwg.org/#messageport */
export class MessagePort extends EventTarget {
  /** Undefined once it has been transferred. */
  #state: PortState | undefined;
  readonly #onclose = new EventHandler(this, 'close');
  readonly #onmessage = new EventHandler(this, 'message');
  readonly #onmessageerror = new EventHandler(this, 'messageerror');

  /** @param state Worker code cannot have one. */
  constructor(state: unknown = undefined) {
    super();
    if (!PortState.is(state)) throw new TypeError('Illegal constructor');
    this.#state = state;
    state.attach({
      message: (message) => this.#receive(message),
      closed: () => void dispatchTrusted(this, new Event('close')),
    });
  }

  postMessage(message: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'MessagePort.postMessage');
    const transfer = toTransfer(options);
    for (let i = 0; i < transfer.length; i += 1) {
      if (transfer[i] === this) throw dataCloneError(this);
    }
    const posted = serializeWithTransfer(message, transfer);
    const partner = this.#state?.partner;
    // A partner that is sent to itself is lost, and the message with it.
    if (partner !== undefined && !movesPort(posted, partner)) this.#state?.post(posted);
  }

  start(): void {
    this.#state?.start();
  }

  close(): void {
    this.#state?.close();
    this.#state = undefined;
  }

  get onclose(): object | null {
    return this.#onclose.value;
  }

  set onclose(value: unknown) {
    this.#onclose.set(value);
  }

  get onmessage(): object | null {
    return this.#onmessage.value;
  }

  set onmessage(value: unknown) {
    this.#onmessage.set(value);
    this.#state?.start();
  }

  get onmessageerror(): object | null {
    return this.#onmessageerror.value;
  }

  set onmessageerror(value: unknown) {
    this.#onmessageerror.set(value);
  }

  #receive(message: TransferredMessage): void {
    let event: MessageEvent;
    try {
      const { data, ports } = receiveWithTransfer(message);
      event = new MessageEvent('message');
      setMessage(event, data, ports);
    } catch {
      event = new MessageEvent('messageerror');
    }
    dispatchTrusted(this, event);
  }

  static {
    isMessagePort = (value) => #state in value;
    isAttached = (value) => #state in value && value.#state !== undefined;
    detachPort = (value) => {
      if (!(#state in value) || value.#state === undefined) throw dataCloneError(value);
      const state = value.#state;
      value.#state = undefined;
      state.detach();
      return state;
    };
    defineInterface(this, 'MessagePort');
  }
}

export { detachPort, isAttached, isMessagePort };

/** Both overloads of `postMessage`: a sequence, or a dictionary with one. */
function toTransfer(options: unknown): List<object> {
  const isSequence = isObject(options) && isPresent(ReflectGet(options, SymbolIterator));
  if (isSequence) return toObjects(options);
  return toObjects(toDictionary<'transfer'>(options, 'MessagePort.postMessage').transfer);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

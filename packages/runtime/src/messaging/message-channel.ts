import { defineInterface } from '../webidl/define-interface.ts';
import { MessagePort } from './message-port.ts';
import { PortState } from './port-state.ts';

/** https://html.spec.whatwg.org/#messagechannel */
export class MessageChannel {
  readonly #port1: MessagePort;
  readonly #port2: MessagePort;

  constructor() {
    const first = new PortState();
    const second = new PortState();
    PortState.entangle(first, second);
    this.#port1 = new MessagePort(first);
    this.#port2 = new MessagePort(second);
  }

  get port1(): MessagePort {
    return this.#port1;
  }

  get port2(): MessagePort {
    return this.#port2;
  }

  static {
    defineInterface(this, 'MessageChannel');
  }
}

import { currentLifetime, startTimer } from '../dispatch/services.ts';
import type { Lifetime } from '../dispatch/services.ts';
import { newList } from '../primordials.ts';
import type { List } from '../primordials.ts';
import type { TransferredMessage } from '../structured-clone/transfer.ts';
import { isObject } from '../webidl/convert.ts';

/** What a port has to do with a message, or with the end of its partner. */
export interface PortReceiver {
  message(message: TransferredMessage): void;
  closed(): void;
}

/**
 * https://html.spec.whatwg.org/#message-ports: what moves when a port is transferred. A port belongs to
 * the event that made it and is of no use after it; one of the module scope lasts. Messages are tasks
 * of the event that sends them.
 */
export class PortState {
  partner: PortState | undefined = undefined;
  /** Undefined while it is on its way to a new port. */
  #receiver: PortReceiver | undefined = undefined;
  #owner: Lifetime = currentLifetime();
  #waiting: List<TransferredMessage> = newList();
  /** Index of the first that was not delivered yet. */
  #head = 0;
  #isStarted = false;
  #isClosed = false;

  /** Unlike `instanceof`, this runs no trap of a proxy. */
  static is(value: unknown): value is PortState {
    return isObject(value) && #isStarted in value;
  }

  static entangle(first: PortState, second: PortState): void {
    first.partner = second;
    second.partner = first;
  }

  /** A new port has it now. */
  attach(receiver: PortReceiver): void {
    this.#receiver = receiver;
    this.#owner = currentLifetime();
  }

  /** It leaves its port, to be transferred. */
  detach(): void {
    this.#receiver = undefined;
    this.#isStarted = false;
  }

  post(message: TransferredMessage): void {
    const { partner } = this;
    if (partner !== undefined) startTimer(() => partner.#receive(message), 0);
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    for (let i = this.#head; i < this.#waiting.length; i += 1) startTimer(() => this.#deliver(), 0);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting = newList();
    this.#head = 0;
    const { partner } = this;
    this.partner = undefined;
    if (partner === undefined) return;
    partner.partner = undefined;
    startTimer(() => partner.#partnerClosed(), 0);
  }

  #receive(message: TransferredMessage): void {
    if (this.#isClosed || this.#owner.isOver) return;
    this.#waiting[this.#waiting.length] = message;
    if (this.#isStarted) this.#deliver();
  }

  /** Hands over the message that has waited for longest: the order is that of sending. */
  #deliver(): void {
    const message = this.#waiting[this.#head];
    if (message === undefined || this.#receiver === undefined) return;
    this.#head += 1;
    if (this.#head === this.#waiting.length) {
      this.#waiting = newList();
      this.#head = 0;
    }
    this.#receiver.message(message);
  }

  #partnerClosed(): void {
    if (this.#isClosed || this.#owner.isOver) return;
    this.#isClosed = true;
    this.#receiver?.closed();
  }
}

import { newList, type List } from '../primordials.ts';
import { enqueueMicrotask } from '../safe-promise.ts';
import {
  type SocketClose,
  type SocketEnd,
  type SocketMessage,
  type SocketReceiver,
} from './socket-end.ts';

/** Marks the close among the messages; a class, because worker code can patch what buffers inherit. */
class CloseArrival {
  readonly close: SocketClose;

  constructor(close: SocketClose) {
    this.close = close;
  }
}

type Arrival = SocketMessage | CloseArrival;

/** One of two ends in the same isolate. What is sent arrives in a later microtask. */
export class PairEnd implements SocketEnd {
  #peer: PairEnd | undefined = undefined;
  #receiver: SocketReceiver | undefined = undefined;
  #arrived: List<Arrival> = newList();
  /** The first of `#arrived` that was not delivered yet. */
  #next = 0;
  #isScheduled = false;
  #hasClosed = false;
  readonly #reportReleased = (): void => this.reportReleased();
  readonly #deliver = (): void => this.#deliverNext();

  static pair(): { readonly first: PairEnd; readonly second: PairEnd } {
    const first = new PairEnd();
    const second = new PairEnd();
    first.#peer = second;
    second.#peer = first;
    return { first, second };
  }

  attach(receiver: SocketReceiver): void {
    this.#receiver = receiver;
    this.#schedule();
  }

  send(data: SocketMessage): void {
    if (!this.#hasClosed) this.#peer?.arrive(data);
  }

  take(bytes: number): void {
    this.#peer?.reportTaken(bytes);
  }

  close(code: number, reason: string): void {
    this.breakOff({ code, reason, wasClean: true, isFailure: false, message: '' });
  }

  breakOff(close: SocketClose): void {
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    const peer = this.#peer;
    peer?.arrive(new CloseArrival(close));
    // Nobody may ever look at it.
    if (peer !== undefined && peer.#receiver === undefined) enqueueMicrotask(this.#reportReleased);
  }

  release(): void {
    this.#peer?.reportReleased();
  }

  /** Only the other end calls this. */
  arrive(arrival: Arrival): void {
    this.#arrived[this.#arrived.length] = arrival;
    this.#schedule();
  }

  /** Only the other end calls this. */
  reportReleased(): void {
    this.#receiver?.released();
  }

  /** Only the other end calls this. */
  reportTaken(bytes: number): void {
    this.#receiver?.taken(bytes);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#receiver === undefined) return;
    if (this.#next === this.#arrived.length) return;
    this.#isScheduled = true;
    enqueueMicrotask(this.#deliver);
  }

  #deliverNext(): void {
    this.#isScheduled = false;
    const arrival = this.#arrived[this.#next];
    if (arrival === undefined) return;
    // Nothing keeps what was delivered.
    this.#arrived[this.#next] = '';
    this.#next += 1;
    if (this.#next === this.#arrived.length) {
      this.#arrived = newList();
      this.#next = 0;
    }
    this.#schedule();
    if (arrival instanceof CloseArrival) this.#receiver?.closed(arrival.close);
    else this.#receiver?.message(arrival);
  }
}

import {
  channelCost,
  channelWindowBytes,
  enterOps,
  type ChannelKind,
  type EnterOp,
} from '@openworkers/runtime';
import type { ChannelFarEnd, ChannelPort } from './channel-opener.ts';

/** The largest piece: a WebSocket message. */
const maxDataBytes = 1024 * 1024;
/** Credit that is worth a slice of its own. */
const creditStepBytes = channelWindowBytes / 4;

/** Who a channel belongs to. */
export interface ChannelOwner {
  /** Calls the runtime as a slice of the channel's event. */
  enter(op: EnterOp, channelId: number, b?: string | number | ArrayBuffer): void;
  /** The channel has been answered, or is over: it is not counted as waiting any more. */
  answered(channel: EventChannel): void;
  over(channel: EventChannel): void;
}

/** One channel of an event: counts both directions, and hands on what is said. */
export class EventChannel implements ChannelPort {
  readonly id: number;
  readonly #kind: ChannelKind;
  readonly #owner: ChannelOwner;
  #far: ChannelFarEnd | undefined;
  /** What the isolate said before there was a far end. */
  #early: ((far: ChannelFarEnd) => void)[] = [];
  /** Bytes of the isolate that have not left yet. */
  #unsentBytes = 0;
  /** Bytes that have left, and that the isolate does not know of. */
  #creditBytes = 0;
  /** Bytes that the isolate was given and has not taken. */
  #untakenBytes = 0;
  #isSendOpen = true;
  #isReceiveOpen = true;
  #isAnswered = false;

  constructor(id: number, kind: ChannelKind, owner: ChannelOwner) {
    this.id = id;
    this.#kind = kind;
    this.#owner = owner;
  }

  get isOver(): boolean {
    return !this.#isSendOpen && !this.#isReceiveOpen;
  }

  /** It leads somewhere now. */
  connect(far: ChannelFarEnd): void {
    if (this.isOver) {
      far.reset();
      return;
    }
    this.#far = far;
    for (const say of this.#early.splice(0)) say(far);
  }

  // What the isolate says.

  /** False when the isolate sends more than it was allowed to. */
  receiveData(data: ArrayBuffer | string): boolean {
    if (!this.#isSendOpen) return true;
    // The piece that passes the window may be larger than what was left of it.
    if (this.#unsentBytes >= channelWindowBytes || sizeOf(data) > maxDataBytes) return false;
    const bytes = typeof data === 'string' ? data : new Uint8Array(data);
    this.#unsentBytes += channelCost(this.#kind, bytes.length);
    this.#say((far) => far.data(bytes));
    return true;
  }

  receiveEnd(text: string): void {
    if (!this.#isSendOpen) return;
    this.#isSendOpen = false;
    this.#say((far) => far.end(text));
    if (this.isOver) this.#owner.over(this);
  }

  receiveCredit(bytes: number): void {
    const taken = Math.min(bytes, this.#untakenBytes);
    if (taken <= 0) return;
    this.#untakenBytes -= taken;
    this.#far?.taken(taken);
  }

  /** The isolate does not want it any more, or the event is over. */
  close(): void {
    if (this.isOver) return;
    this.#close();
    this.#far?.reset();
  }

  // What the far end says.

  message(text: string): void {
    if (!this.#isReceiveOpen) return;
    this.#answered();
    this.#owner.enter(enterOps.channelMessage, this.id, text);
  }

  data(data: Uint8Array | string): void {
    if (!this.#isReceiveOpen) return;
    this.#untakenBytes += channelCost(this.#kind, data.length);
    // A copy: the bytes may be part of a larger buffer, and the isolate gets its memory.
    const crossing = typeof data === 'string' ? data : new Uint8Array(data).buffer;
    this.#owner.enter(enterOps.channelData, this.id, crossing);
  }

  end(text = ''): void {
    if (!this.#isReceiveOpen) return;
    this.#isReceiveOpen = false;
    this.#answered();
    this.#owner.enter(enterOps.channelEnd, this.id, text);
    if (this.isOver) this.#owner.over(this);
  }

  error(message: string): void {
    if (this.isOver) return;
    this.#owner.enter(enterOps.channelError, this.id, message);
    this.#close();
  }

  sent(bytes: number): void {
    const left = Math.min(bytes, this.#unsentBytes);
    this.#unsentBytes -= left;
    if (!this.#isSendOpen || left === 0) return;
    this.#creditBytes += left;
    if (this.#creditBytes < creditStepBytes && this.#unsentBytes > 0) return;
    this.#owner.enter(enterOps.channelCredit, this.id, this.#creditBytes);
    this.#creditBytes = 0;
  }

  #say(say: (far: ChannelFarEnd) => void): void {
    if (this.#far === undefined) this.#early.push(say);
    else say(this.#far);
  }

  #close(): void {
    this.#isSendOpen = false;
    this.#isReceiveOpen = false;
    this.#early = [];
    this.#answered();
    this.#owner.over(this);
  }

  #answered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#owner.answered(this);
  }
}

function sizeOf(data: ArrayBuffer | string): number {
  return typeof data === 'string' ? data.length : data.byteLength;
}

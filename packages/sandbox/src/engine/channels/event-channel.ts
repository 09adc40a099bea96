import {
  channelCost,
  channelWindowBytes,
  enterOps,
  maxChannelDataBytes,
  type ChannelKind,
  type EnterOp,
} from '@openworkers/runtime';
import type { ChannelFarEnd, ChannelPort } from './channel-opener.ts';

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

/** Who takes what comes of a channel in the isolate's stead; see `hostOps.handOverChannel`. */
export interface ChannelSink {
  /** From now on everything comes here. */
  begin(channel: EventChannel): void;
  /** {@link EventChannel.takenBySink} must follow. */
  data(bytes: Uint8Array): void;
  end(): void;
  fail(): void;
}

/** One channel of an event: counts both directions, and hands on what is said. */
export class EventChannel implements ChannelPort {
  readonly id: number;
  readonly kind: ChannelKind;
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
  #sink: ChannelSink | undefined;
  /** The isolate has taken all it was given: the sink gets the rest. */
  #isDirect = false;
  /** What came for the sink before that; at most a window. */
  #held: (() => void)[] = [];

  constructor(id: number, kind: ChannelKind, owner: ChannelOwner) {
    this.id = id;
    this.kind = kind;
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
    if (this.#unsentBytes >= channelWindowBytes || sizeOf(data) > maxChannelDataBytes) return false;
    const bytes = typeof data === 'string' ? data : new Uint8Array(data);
    this.#unsentBytes += channelCost(this.kind, bytes.length);
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
    this.#switchIfTaken();
  }

  /** The sink gets what comes once the isolate has taken what it was given; not when it has ended. */
  handOver(sink: ChannelSink): void {
    if (!this.#isReceiveOpen || this.#sink !== undefined) return;
    this.#sink = sink;
    this.#switchIfTaken();
  }

  /** The sink has got rid of so many bytes. */
  takenBySink(bytes: number): void {
    if (this.#isReceiveOpen) this.#far?.taken(bytes);
  }

  /** The isolate does not want it any more, or the event is over. */
  close(): void {
    if (this.isOver) return;
    this.#close();
    this.#far?.reset();
    if (this.#isDirect) this.#sink?.fail();
  }

  // What the far end says.

  message(text: string): void {
    if (!this.#isReceiveOpen) return;
    this.#answered();
    this.#owner.enter(enterOps.channelMessage, this.id, text);
  }

  data(data: Uint8Array | string): void {
    if (!this.#isReceiveOpen) return;
    if (this.#sink !== undefined) return this.#giveToSink(this.#sink, data);
    this.#untakenBytes += channelCost(this.kind, data.length);
    // A copy: the bytes may be part of a larger buffer, and the isolate gets its memory.
    const crossing = typeof data === 'string' ? data : new Uint8Array(data).buffer;
    this.#owner.enter(enterOps.channelData, this.id, crossing);
  }

  end(text = ''): void {
    if (!this.#isReceiveOpen) return;
    const sink = this.#sink;
    if (sink !== undefined && !this.#isDirect) {
      this.#held.push(() => this.end(text));
      return;
    }
    this.#isReceiveOpen = false;
    this.#answered();
    if (sink === undefined) this.#owner.enter(enterOps.channelEnd, this.id, text);
    else sink.end();
    if (this.isOver) this.#owner.over(this);
  }

  error(message: string): void {
    if (this.isOver) return;
    const isDirect = this.#isDirect;
    if (!isDirect) this.#owner.enter(enterOps.channelError, this.id, message);
    this.#close();
    if (isDirect) this.#sink?.fail();
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

  #giveToSink(sink: ChannelSink, data: Uint8Array | string): void {
    // Channels with texts are never handed over by an honest runtime.
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (this.#isDirect) sink.data(bytes);
    else this.#held.push(() => sink.data(bytes));
  }

  #switchIfTaken(): void {
    if (this.#sink === undefined || this.#isDirect || this.#untakenBytes > 0) return;
    this.#isDirect = true;
    this.#owner.enter(enterOps.channelHandedOver, this.id);
    this.#sink.begin(this);
    for (const give of this.#held.splice(0)) give();
  }

  #say(say: (far: ChannelFarEnd) => void): void {
    if (this.#far === undefined) this.#early.push(say);
    else say(this.#far);
  }

  #close(): void {
    this.#isSendOpen = false;
    this.#isReceiveOpen = false;
    this.#early = [];
    this.#held = [];
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

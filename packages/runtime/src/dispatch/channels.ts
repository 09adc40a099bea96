import { currentContext, swapContext } from '../async-context/context.ts';
import { channelCost, channelWindowBytes, enterOps, hostOps } from '../boundary.ts';
import type { ChannelKind, Crossing, EnterOp } from '../boundary.ts';
import { ArrayBufferPrototypeByteLength, TypeError } from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';
import { host } from './host.ts';
import { currentEventId, isCurrentEventOver } from './services.ts';

/**
 * Who opened a channel. All methods are called in slices of the event that opened it.
 */
export interface ChannelListener {
  /** What the other end has to say beside its data. */
  message(text: string): void;
  /** {@link Channel.grant} must follow when it has been taken, with its {@link Channel.costOf}. */
  data(data: ArrayBuffer | string): void;
  /** No more data comes; the channel may still be sent to. */
  end(text: string): void;
  /** The channel broke, or its event is over: nothing more is heard of it. */
  error(message: string): void;
  /** The window has room again after {@link Channel.send} answered false. */
  ready(): void;
  /** After {@link Channel.handOver}: the sandbox does the rest. */
  handedOver?(): void;
}

/**
 * The isolate's end of a two-way stream that the sandbox leads further: to an origin, to another
 * worker. It belongs to the event that opened it, and is dropped with it.
 */
export class Channel {
  readonly id: number;
  readonly eventId: number;
  readonly #kind: ChannelKind;
  readonly #listener: ChannelListener;
  readonly #context = currentContext();
  #sendWindow = channelWindowBytes;
  #isSendOpen = true;
  #isReceiveOpen = true;

  constructor(id: number, eventId: number, { kind, listener }: OpenChannelOptions) {
    this.id = id;
    this.eventId = eventId;
    this.#kind = kind;
    this.#listener = listener;
  }

  /** Whether nothing can be said or heard any more. */
  get isOver(): boolean {
    return !this.#isSendOpen && !this.#isReceiveOpen;
  }

  /** False when the window is full: the next piece should wait for `ready`. Buffers are copied. */
  send(data: ArrayBuffer | string): boolean {
    if (!this.#isSendOpen) return false;
    host(hostOps.channelData, this.eventId, this.id, data);
    this.#sendWindow -= this.costOf(data);
    return this.#sendWindow > 0;
  }

  /** What the data counts for in the windows. */
  costOf(data: ArrayBuffer | string): number {
    const length = typeof data === 'string' ? data.length : ArrayBufferPrototypeByteLength(data);
    return channelCost(this.#kind, length);
  }

  /** Everything was sent. */
  end(text = ''): void {
    if (!this.#isSendOpen) return;
    this.#isSendOpen = false;
    host(hostOps.channelEnd, this.eventId, this.id, text);
    this.#forgetIfOver();
  }

  /** Ends both directions at once; the listener hears nothing more. */
  reset(): void {
    if (this.isOver) return;
    this.#close();
    host(hostOps.channelReset, this.eventId, this.id);
  }

  /** So many bytes of what came were taken: as many more may come. */
  grant(bytes: number): void {
    if (this.#isReceiveOpen && bytes > 0) {
      host(hostOps.channelCredit, this.eventId, this.id, bytes);
    }
  }

  /** See `hostOps.handOverChannel`; data and end may still come before `handedOver`. */
  handOver(): void {
    host(hostOps.handOverChannel, this.eventId, this.id);
  }

  /** What the sandbox says; see `enterOps`. */
  receive(op: EnterOp, b: Crossing): void {
    swapContext(this.#context);
    if (op === enterOps.channelCredit) {
      this.#receiveCredit(b);
    } else if (op === enterOps.channelError) {
      this.fail(textOf(b));
    } else if (!this.#isReceiveOpen) {
      // It crossed the end on its way.
    } else if (op === enterOps.channelHandedOver) {
      // It stays open here, so that it can still be reset.
      this.#listener.handedOver?.();
    } else if (op === enterOps.channelMessage) {
      this.#listener.message(textOf(b));
    } else if (op === enterOps.channelEnd) {
      this.#isReceiveOpen = false;
      this.#forgetIfOver();
      this.#listener.end(textOf(b));
    } else if (typeof b === 'string' || isArrayBuffer(b)) {
      this.#listener.data(b);
    }
  }

  /** Breaks the channel without a word to the sandbox. */
  fail(message: string): void {
    if (this.isOver) return;
    this.#close();
    this.#listener.error(message);
  }

  #receiveCredit(bytes: Crossing): void {
    if (typeof bytes !== 'number') return;
    const wasFull = this.#sendWindow <= 0;
    this.#sendWindow += bytes;
    if (wasFull && this.#sendWindow > 0 && this.#isSendOpen) this.#listener.ready();
  }

  #close(): void {
    this.#isSendOpen = false;
    this.#isReceiveOpen = false;
    this.#forgetIfOver();
  }

  #forgetIfOver(): void {
    if (this.isOver) forget(this);
  }
}

interface OpenChannelOptions {
  readonly kind: ChannelKind;
  /** As the kind defines it. */
  readonly argument: string;
  readonly listener: ChannelListener;
}

/** Channels by id, by the event that opened them. */
const channelsOf = new SafeMap<number, SafeMap<number, Channel>>();
let lastChannelId = 0;

/**
 * Opens a channel as part of the event that is running now. Throws a TypeError when there is none, as in module
 * scope, or when it is over: nobody could be charged for it, and nothing would end it.
 */
export function openChannel(options: OpenChannelOptions): Channel {
  const { kind, argument } = options;
  const eventId = currentEventId();
  if (eventId === 0) {
    throw new TypeError(`${kind} is only possible while an event is handled, not in module scope`);
  }
  if (isCurrentEventOver()) throw new TypeError(eventIsOver);
  lastChannelId += 1;
  const channel = new Channel(lastChannelId, eventId, options);
  let channels = channelsOf.get(eventId);
  if (channels === undefined) {
    channels = new SafeMap();
    channelsOf.set(eventId, channels);
  }
  channels.set(lastChannelId, channel);
  host(hostOps.openChannel, eventId, lastChannelId, kind, argument);
  return channel;
}

/** See the channel operations of `enterOps`. */
export function receiveChannel(
  op: EnterOp,
  eventId: number,
  channelId: unknown,
  b: Crossing,
): void {
  if (typeof channelId === 'number') channelsOf.get(eventId)?.get(channelId)?.receive(op, b);
}

/** Breaks the channels of an event that is over. */
export function dropChannelsOf(eventId: number): void {
  const channels = channelsOf.get(eventId);
  if (channels === undefined) return;
  channelsOf.delete(eventId);
  channels.forEach((channel) => channel.fail(eventIsOver));
}

const eventIsOver = 'The event is over: only what ctx.waitUntil is given may go on';

function forget({ id, eventId }: Channel): void {
  const channels = channelsOf.get(eventId);
  if (channels === undefined) return;
  channels.delete(id);
  if (channels.size === 0) channelsOf.delete(eventId);
}

function textOf(value: Crossing): string {
  return typeof value === 'string' ? value : '';
}

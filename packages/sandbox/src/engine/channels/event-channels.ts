import { platformLimits } from '@openworkers/core/limits';
import {
  channelKinds,
  enterOps,
  hostOps,
  type ChannelKind,
  type EnterOp,
} from '@openworkers/runtime';
import { isCount } from '../is-count.ts';
import { maxArgumentChars, type ChannelOpener, type ChannelRequest } from './channel-opener.ts';
import { EventChannel, type ChannelOwner, type ChannelSink } from './event-channel.ts';

const most = platformLimits.subrequests.tenant;
const mostWaiting = platformLimits.subrequestsWaiting.tenant;

/** The event that channels belong to. */
export interface ChannelsEvent {
  /** What every channel of the event has in common. */
  readonly channelOrigin: Omit<ChannelRequest, 'kind' | 'argument'>;
  enterChannel(op: EnterOp, channelId: number, b?: string | number | ArrayBuffer): void;
  /** Something moved: the event is not idle. */
  channelMoved(): void;
}

interface Opening {
  readonly channel: EventChannel;
  readonly request: ChannelRequest;
}

/**
 * The channels of one event. Everything is checked, because whoever breaks the runtime inside the
 * isolate can send anything; what makes no sense is ignored.
 */
export class EventChannels implements ChannelOwner {
  readonly #event: ChannelsEvent;
  readonly #opener: ChannelOpener;
  readonly #open = new Map<number, EventChannel>();
  /** Those that have not been answered yet. */
  readonly #waiting = new Set<EventChannel>();
  #queue: Opening[] = [];
  #lastId = 0;
  #count = 0;
  #isClosed = false;

  constructor(event: ChannelsEvent, opener: ChannelOpener) {
    this.#event = event;
    this.#opener = opener;
  }

  /** One channel operation of `hostOps`. False when the isolate sends more than it was allowed to. */
  receive(op: unknown, { a: id, b, c }: { a: unknown; b: unknown; c: unknown }): boolean {
    if (!isCount(id) || this.#isClosed) return true;
    if (op === hostOps.openChannel) {
      this.#openChannel(id, b, c);
      return true;
    }
    const channel = this.#open.get(id);
    if (channel === undefined) return true;
    this.#event.channelMoved();
    switch (op) {
      case hostOps.channelData:
        return isData(b) ? channel.receiveData(b) : true;
      case hostOps.channelEnd:
        channel.receiveEnd(typeof b === 'string' ? b.slice(0, maxArgumentChars) : '');
        return true;
      case hostOps.channelReset:
        channel.close();
        return true;
      case hostOps.channelCredit:
        if (isCount(b)) channel.receiveCredit(b);
        return true;
      default:
        return true;
    }
  }

  /** See `hostOps.handOverChannel`. */
  handOver(id: number, sink: ChannelSink): void {
    this.#open.get(id)?.handOver(sink);
  }

  /** The event is over. */
  closeAll(): void {
    this.#isClosed = true;
    this.#queue = [];
    for (const channel of this.#open.values()) channel.close();
    this.#open.clear();
  }

  // ChannelOwner

  enter(op: EnterOp, channelId: number, b?: string | number | ArrayBuffer): void {
    if (this.#isClosed) return;
    this.#event.channelMoved();
    this.#event.enterChannel(op, channelId, b);
  }

  answered(channel: EventChannel): void {
    if (this.#waiting.delete(channel)) this.#connectNext();
  }

  over(channel: EventChannel): void {
    this.#open.delete(channel.id);
  }

  #openChannel(id: number, kind: unknown, argument: unknown): void {
    // The runtime counts upwards, so a number that was used before is not its own.
    if (id <= this.#lastId) return;
    this.#lastId = id;
    const known = channelKinds.find((each) => each === kind);
    if (known === undefined || typeof argument !== 'string') {
      return this.#refuse(id, 'There is no such channel');
    }
    if (argument.length > maxArgumentChars) return this.#refuse(id, 'The request is too large');
    this.#count += 1;
    if (this.#count > most) {
      return this.#refuse(id, `Too many subrequests: one event may make ${most}`);
    }
    this.#add(id, known, argument);
  }

  #add(id: number, kind: ChannelKind, argument: string): void {
    const channel = new EventChannel(id, kind, this);
    this.#open.set(id, channel);
    this.#queue.push({ channel, request: { ...this.#event.channelOrigin, kind, argument } });
    this.#connectNext();
  }

  #connectNext(): void {
    while (this.#waiting.size < mostWaiting) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (next.channel.isOver) continue;
      this.#waiting.add(next.channel);
      this.#openFarEnd(next);
    }
  }

  #openFarEnd({ channel, request }: Opening): void {
    const far = this.#opener.open(request, channel);
    if (far instanceof Promise) void far.then((end) => channel.connect(end));
    else channel.connect(far);
  }

  #refuse(id: number, message: string): void {
    this.enter(enterOps.channelError, id, message);
  }
}

function isData(value: unknown): value is ArrayBuffer | string {
  return typeof value === 'string' || value instanceof ArrayBuffer;
}

import { channelKinds, enterOps, hostOps, type EnterOp } from '@openworkers/runtime';
import { isCount } from '../is-count.ts';
import { channelBudgets, type ChannelBudget } from './channel-budget.ts';
import { maxArgumentChars, type ChannelOpener, type ChannelRequest } from './channel-opener.ts';
import { EventChannel, type ChannelOwner, type ChannelSink } from './event-channel.ts';

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

/** What the event has used of a budget. */
interface Use {
  count: number;
  /** Those that count as opened at once. */
  readonly held: Set<EventChannel>;
  /** Those that wait until fewer are. */
  queue: Opening[];
}

/**
 * The channels of one event. Everything is checked, because whoever breaks the runtime inside the
 * isolate can send anything; what makes no sense is ignored.
 */
export class EventChannels implements ChannelOwner {
  readonly #event: ChannelsEvent;
  readonly #opener: ChannelOpener;
  readonly #open = new Map<number, EventChannel>();
  readonly #uses = new Map<ChannelBudget, Use>();
  #lastId = 0;
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
    for (const use of this.#uses.values()) use.queue = [];
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
    const budget = channelBudgets[channel.kind];
    if (budget.heldUntil === 'answered') this.#release(channel, budget);
  }

  over(channel: EventChannel): void {
    this.#open.delete(channel.id);
    this.#release(channel, channelBudgets[channel.kind]);
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
    const budget = channelBudgets[known];
    const use = this.#useOf(budget);
    use.count += 1;
    const most = this.#opener.mostPerEvent ?? budget.most;
    if (use.count > most) return this.#refuse(id, budget.refusal);
    const channel = new EventChannel(id, known, this);
    this.#open.set(id, channel);
    const request = { ...this.#event.channelOrigin, kind: known, argument };
    use.queue.push({ channel, request });
    this.#connectNext(budget, use);
  }

  #connectNext(budget: ChannelBudget, use: Use): void {
    while (use.held.size < budget.atOnce) {
      const next = use.queue.shift();
      if (next === undefined) return;
      if (next.channel.isOver) continue;
      use.held.add(next.channel);
      this.#openFarEnd(next);
    }
  }

  #release(channel: EventChannel, budget: ChannelBudget): void {
    const use = this.#useOf(budget);
    if (use.held.delete(channel)) this.#connectNext(budget, use);
  }

  #useOf(budget: ChannelBudget): Use {
    const known = this.#uses.get(budget);
    if (known !== undefined) return known;
    const use: Use = { count: 0, held: new Set(), queue: [] };
    this.#uses.set(budget, use);
    return use;
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

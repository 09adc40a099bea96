import {
  readForwardedFailure,
  readForwardedResponse,
  readStreamCredit,
  readStreamReset,
} from './forwarded-messages.ts';
import type { FramedPipe } from './framed-pipe.ts';
import { frameTypes } from './messages.ts';
import type { ChannelKind } from '@openworkers/runtime';
import { PipeChannel } from './pipe-channel.ts';
import { PipeStream, type StreamHandler } from './pipe-stream.ts';
import { ProtocolError } from './protocol-error.ts';

const maxStreams = 10_000;

export interface StreamTableOptions {
  readonly pipe: FramedPipe;
  /** The sandbox opens odd streams, the runner even ones. */
  readonly side: 'sandbox' | 'runner';
}

/** The forwarded requests and channels of one pipe: who opened them, how far they are, and their credit. */
export class StreamTable {
  readonly #pipe: FramedPipe;
  readonly #streams = new Map<number, PipeStream | PipeChannel>();
  readonly #ownParity: 0 | 1;
  #nextId: number;

  constructor({ pipe, side }: StreamTableOptions) {
    this.#pipe = pipe;
    this.#ownParity = side === 'sandbox' ? 1 : 0;
    this.#nextId = side === 'sandbox' ? 1 : 2;
  }

  get size(): number {
    return this.#streams.size;
  }

  /**
   * Opens a stream for a request that the peer is to run; the caller then sends `forward` or
   * `incoming` with its id. Undefined when 10 000 are open.
   */
  open(handler: StreamHandler, options: { hasBody: boolean }): PipeStream | undefined {
    if (this.#streams.size >= maxStreams) return undefined;
    while (this.#streams.has(this.#nextId)) this.#advance();
    const stream = this.#add(this.#nextId, handler, { role: 'origin', ...options });
    this.#advance();
    return stream;
  }

  /**
   * Registers the stream of a `forward` or `incoming` frame that has arrived.
   *
   * @throws ProtocolError when the peer may not use that number
   */
  accept(id: number, handler: StreamHandler, options: { hasBody: boolean }): PipeStream {
    this.#assertAcceptable(id);
    return this.#add(id, handler, { role: 'executor', ...options });
  }

  /**
   * Opens a channel; the caller sets its handler and sends `openChannel` with its id. Undefined when
   * 10 000 streams and channels are open.
   */
  openChannel(kind: ChannelKind): PipeChannel | undefined {
    if (this.#streams.size >= maxStreams) return undefined;
    while (this.#streams.has(this.#nextId)) this.#advance();
    const channel = this.#addChannel(this.#nextId, kind);
    this.#advance();
    return channel;
  }

  /**
   * Registers the channel of an `openChannel` frame that has arrived; the caller sets its handler.
   *
   * @throws ProtocolError when the peer may not use that number
   */
  acceptChannel(id: number, kind: ChannelKind): PipeChannel {
    this.#assertAcceptable(id);
    return this.#addChannel(id, kind);
  }

  /**
   * Takes the frames about streams; answers false for all others. Frames about a stream that is
   * already over are dropped: they crossed its end on the way.
   *
   * @throws ProtocolError when the peer sends more than it was allowed, or out of order
   */
  handleFrame(type: number, id: number, payload: Buffer): boolean {
    if (type < frameTypes.streamData || type > frameTypes.channelError) return false;
    const stream = this.#streams.get(id);
    if (stream instanceof PipeChannel) deliverToChannel(stream, type, payload);
    else if (stream !== undefined) deliver(stream, type, payload);
    return true;
  }

  /** The pipe is gone: every stream breaks off. */
  abortAll(): void {
    for (const stream of this.#streams.values()) stream.breakOff();
    this.#streams.clear();
  }

  #assertAcceptable(id: number): void {
    if (id === 0 || id % 2 === this.#ownParity || this.#streams.has(id)) {
      throw new ProtocolError(`stream ${id} cannot be opened`);
    }
    if (this.#streams.size >= maxStreams) throw new ProtocolError('too many streams');
  }

  #addChannel(id: number, kind: ChannelKind): PipeChannel {
    const onOver = (): void => void this.#streams.delete(id);
    const channel = new PipeChannel({ id, pipe: this.#pipe, kind, onOver });
    this.#streams.set(id, channel);
    return channel;
  }

  #add(
    id: number,
    handler: StreamHandler,
    options: { role: 'origin' | 'executor'; hasBody: boolean },
  ): PipeStream {
    const onOver = (): void => void this.#streams.delete(id);
    const stream = new PipeStream({ id, pipe: this.#pipe, handler, onOver, ...options });
    this.#streams.set(id, stream);
    return stream;
  }

  #advance(): void {
    this.#nextId = (this.#nextId + 2) % 2 ** 32;
    if (this.#nextId === 0) this.#nextId = 2;
  }
}

function deliver(stream: PipeStream, type: number, payload: Buffer): void {
  switch (type) {
    case frameTypes.streamData:
      return stream.receiveData(payload);
    case frameTypes.streamEnd:
      return stream.receiveEnd();
    case frameTypes.streamReset:
      return stream.receiveReset(readStreamReset(payload));
    case frameTypes.streamCredit:
      return stream.receiveCredit(readStreamCredit(payload));
    case frameTypes.responseHead:
      return stream.receiveResponse(readForwardedResponse(payload));
    case frameTypes.responseFail:
      return stream.receiveFailure(readForwardedFailure(payload));
    case frameTypes.clientGone:
      return stream.receiveClientGone();
    default:
      throw new ProtocolError(`frame type ${type} is not for stream ${stream.id}`);
  }
}

function deliverToChannel(channel: PipeChannel, type: number, payload: Buffer): void {
  switch (type) {
    case frameTypes.streamData:
      return channel.receiveData(payload);
    case frameTypes.channelText:
      return channel.receiveData(payload.toString('utf8'));
    case frameTypes.streamCredit:
      return channel.receiveCredit(readStreamCredit(payload));
    case frameTypes.streamEnd:
      return channel.receiveEnd(payload.toString('utf8'));
    case frameTypes.channelMessage:
      return channel.receiveMessage(payload.toString('utf8'));
    case frameTypes.channelError:
      return channel.receiveError(payload.toString('utf8'));
    default:
      throw new ProtocolError(`frame type ${type} is not for channel ${channel.id}`);
  }
}

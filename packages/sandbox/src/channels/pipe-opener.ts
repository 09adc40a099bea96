import type {
  ChannelFarEnd,
  ChannelOpener,
  ChannelPort,
  ChannelRequest,
} from '../engine/channels/channel-opener.ts';
import type { FramedPipe } from '../protocol/framed-pipe.ts';
import { frameTypes, type ChannelQuestion } from '../protocol/messages.ts';
import type { PipeChannel } from '../protocol/pipe-channel.ts';
import type { StreamTable } from '../protocol/stream-table.ts';
import { unreachable } from './unreachable.ts';

/** Leads channels to the runner, which alone can reach the network. */
export class PipeOpener implements ChannelOpener {
  readonly #pipe: FramedPipe;
  readonly #streams: StreamTable;

  constructor(pipe: FramedPipe, streams: StreamTable) {
    this.#pipe = pipe;
    this.#streams = streams;
  }

  open(request: ChannelRequest, port: ChannelPort): ChannelFarEnd {
    const { kind, handle, requestId, argument } = request;
    const channel = this.#streams.openChannel(kind);
    if (channel === undefined) {
      return unreachable(port, 'the platform has too many connections open');
    }
    channel.handler = {
      message: (text) => port.message(text),
      data: (data) => port.data(data),
      end: (text) => port.end(text),
      error: (message) => port.error(message),
      sent: (bytes) => port.sent(bytes),
    };
    this.#pipe.sendJson(frameTypes.openChannel, channel.id, {
      kind,
      handle,
      requestId,
      argument,
    } satisfies ChannelQuestion);
    return new PipeFarEnd(channel);
  }
}

class PipeFarEnd implements ChannelFarEnd {
  readonly #channel: PipeChannel;

  constructor(channel: PipeChannel) {
    this.#channel = channel;
  }

  data(data: Uint8Array | string): void {
    this.#channel.send(data);
  }

  end(text: string): void {
    this.#channel.end(text);
  }

  reset(): void {
    this.#channel.fail('reset');
  }

  taken(bytes: number): void {
    this.#channel.grant(bytes);
  }
}

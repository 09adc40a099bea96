import { platformLimits } from '@openworkers/core/limits';
import type {
  ChannelFarEnd,
  ChannelOpener,
  ChannelPort,
  ChannelRequest,
} from '../engine/channels/channel-opener.ts';
import type { PipeOpener } from './pipe-opener.ts';

const maxMessageBytes = platformLimits.webSocketMessageBytes.tenant;

/** Leads WebSockets of workers further, as long as their messages fit into a frame of the pipe. */
export class SocketOpener implements ChannelOpener {
  readonly #outside: PipeOpener;

  constructor(outside: PipeOpener) {
    this.#outside = outside;
  }

  open(request: ChannelRequest, port: ChannelPort): ChannelFarEnd {
    return new BoundedMessages(this.#outside.open(request, port), port);
  }
}

class BoundedMessages implements ChannelFarEnd {
  readonly #far: ChannelFarEnd;
  readonly #port: ChannelPort;
  #isOver = false;

  constructor(far: ChannelFarEnd, port: ChannelPort) {
    this.#far = far;
    this.#port = port;
  }

  data(data: Uint8Array | string): void {
    if (this.#isOver) return;
    if (Buffer.byteLength(data) <= maxMessageBytes) {
      this.#far.data(data);
      return;
    }
    this.#far.reset();
    this.#isOver = true;
    this.#port.error(`a message is larger than ${maxMessageBytes} bytes`);
  }

  end(text: string): void {
    if (!this.#isOver) this.#far.end(text);
  }

  reset(): void {
    if (!this.#isOver) this.#far.reset();
  }

  taken(bytes: number): void {
    if (!this.#isOver) this.#far.taken(bytes);
  }
}

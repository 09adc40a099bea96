import type {
  ChannelFarEnd,
  ChannelOpener,
  ChannelPort,
  ChannelRequest,
} from '../channels/channel-opener.ts';

/** One channel that an isolate opened, and what it said. */
export class TestChannel implements ChannelFarEnd {
  readonly request: ChannelRequest;
  readonly port: ChannelPort;
  readonly heard: (Uint8Array | string)[] = [];
  takenBytes = 0;
  endText: string | undefined;
  isReset = false;

  constructor(request: ChannelRequest, port: ChannelPort) {
    this.request = request;
    this.port = port;
  }

  data(data: Uint8Array | string): void {
    this.heard.push(data);
  }

  end(text: string): void {
    this.endText = text;
  }

  reset(): void {
    this.isReset = true;
  }

  taken(bytes: number): void {
    this.takenBytes += bytes;
  }
}

/** Where the channels of a test's isolates lead: nowhere, unless the test says something. */
export class TestChannels implements ChannelOpener {
  readonly opened: TestChannel[] = [];
  onOpen: (channel: TestChannel) => void = () => undefined;

  open(request: ChannelRequest, port: ChannelPort): ChannelFarEnd {
    const channel = new TestChannel(request, port);
    this.opened.push(channel);
    queueMicrotask(() => this.onOpen(channel));
    return channel;
  }
}

import type { ChannelKind } from '@openworkers/runtime';
import type {
  ChannelFarEnd,
  ChannelOpener,
  ChannelPort,
  ChannelRequest,
} from '../engine/channels/channel-opener.ts';

/** Gives each kind of channel to the opener that knows it. */
export class ChannelSwitch implements ChannelOpener {
  readonly #openers: Readonly<Record<ChannelKind, ChannelOpener>>;

  constructor(openers: Readonly<Record<ChannelKind, ChannelOpener>>) {
    this.#openers = openers;
  }

  open(request: ChannelRequest, port: ChannelPort): ChannelFarEnd | Promise<ChannelFarEnd> {
    return this.#openers[request.kind].open(request, port);
  }
}

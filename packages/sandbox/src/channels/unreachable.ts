import type { ChannelFarEnd, ChannelPort } from '../engine/channels/channel-opener.ts';

const ignore = (): void => undefined;

/** The far end of a channel that leads nowhere: the isolate is told why. */
export function unreachable(port: ChannelPort, message: string): ChannelFarEnd {
  queueMicrotask(() => port.error(message));
  return { data: ignore, end: ignore, reset: ignore, taken: ignore };
}

import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';

const ignore = (): void => undefined;

/** For channels on which nothing more is to be heard; what comes is taken, so that its end arrives. */
export function deafHandler(channel: PipeChannel): ChannelHandler {
  return {
    message: ignore,
    data: (data) => channel.grant(data.length),
    end: ignore,
    error: ignore,
    sent: ignore,
  };
}

import type { Logger } from '@openworkers/core';
import type { ChannelHandler, ChannelQuestion, PipeChannel } from '@openworkers/sandbox';
import type { HandleRegistry, Instance } from '../handle-registry.ts';
import { EgressRefusal } from './egress-refusal.ts';

/**
 * What a channel asks for, on behalf of whom. Of the argument nothing is known but its length.
 */
export interface EgressRequest {
  readonly instance: Instance;
  readonly requestId: string;
  readonly argument: string;
}

/** Deals with one kind of channel. */
export interface Egress {
  /**
   * Starts what the channel asks for, and answers who hears what comes on it.
   *
   * @throws EgressRefusal what the worker is told
   */
  open(request: EgressRequest, channel: PipeChannel): ChannelHandler;
}

export type EgressKinds = Readonly<Record<ChannelQuestion['kind'], Egress>>;

export interface ChannelDeskOptions {
  readonly kinds: EgressKinds;
  readonly log: Logger;
}

/** A sandbox, as far as its channels go. */
export interface ChannelSource {
  readonly handles: Pick<HandleRegistry, 'find'>;
  /** @throws ProtocolError when the stream number cannot be used */
  acceptChannel(id: number, kind: ChannelQuestion['kind']): PipeChannel;
}

/** Opens to the world what isolates ask for: only for instances whose handle this runner gave out. */
export class ChannelDesk {
  readonly #options: ChannelDeskOptions;

  constructor(options: ChannelDeskOptions) {
    this.#options = options;
  }

  /** @throws ProtocolError when the stream number cannot be used */
  open(source: ChannelSource, { id, question }: { id: number; question: ChannelQuestion }): void {
    const { kind, handle, requestId, argument } = question;
    const channel = source.acceptChannel(id, kind);
    channel.handler = deaf;
    const instance = source.handles.find(handle);
    if (instance === undefined) {
      // An isolate older than 20 000 others, or a sandbox that lies.
      channel.fail('This isolate may not open connections any more');
      return;
    }
    try {
      channel.handler = this.#options.kinds[kind].open({ instance, requestId, argument }, channel);
    } catch (error) {
      const isRefusal = error instanceof EgressRefusal;
      if (!isRefusal) this.#options.log.error({ err: error, ...instance }, 'channel failed');
      channel.fail(isRefusal ? error.message : 'Internal error');
    }
  }
}

const ignore = (): void => undefined;

const deaf: ChannelHandler = {
  message: ignore,
  data: ignore,
  end: ignore,
  error: ignore,
  sent: ignore,
};

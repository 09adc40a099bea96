import type { ChannelKind } from '@openworkers/runtime';
import type { HostJob } from '../host-jobs.ts';

/*
 * The seam between the channels of isolates and what they lead to. The engine checks and counts
 * what an isolate says; who opens channels knows what they mean.
 */

/** Who an open channel belongs to, and what it asks for. */
export interface ChannelRequest {
  readonly kind: ChannelKind;
  /** As the isolate gave it: at most {@link maxArgumentChars}, unchecked. */
  readonly argument: string;
  /** Of the isolate instance, as the runner knows it. */
  readonly handle: string;
  readonly requestId: string;
  /** How many workers called each other to get to this one; 0 from a client. */
  readonly depth: number;
  /**
   * Does work on another thread at the cost of the event; see `HostJob`. Nothing is called once the
   * event is over. False when too much waits already.
   */
  readonly runJob: <Result>(job: ChannelJob<Result>) => boolean;
}

type ChannelJob<Result> = Pick<HostJob<Result>, 'sizeBytes' | 'run' | 'onResult' | 'onError'>;

/** Leads a channel further. Never fails: what cannot be done is told as `port.error`. */
export interface ChannelOpener {
  /** How many channels one event may open; the platform's limit when left out. */
  readonly mostPerEvent?: number;
  /** `port` must not be used before this has returned, or its promise has resolved. */
  open(request: ChannelRequest, port: ChannelPort): ChannelFarEnd | Promise<ChannelFarEnd>;
}

/** The isolate's end of a channel. Calls after its end, and after `ChannelFarEnd.reset`, are ignored. */
export interface ChannelPort {
  message(text: string): void;
  /**
   * At most `channelWindowBytes` may be given without `taken`, except for the piece that passes
   * the window. The bytes may be a view of a larger buffer.
   */
  data(data: Uint8Array | string): void;
  end(text?: string): void;
  error(message: string): void;
  /** So many bytes that the isolate sent have left, and more may come. */
  sent(bytes: number): void;
}

/** What is at the other end of an isolate's channel. */
export interface ChannelFarEnd {
  /** `ChannelPort.sent` must follow when it has left: at most one window waits for that. */
  data(data: Uint8Array | string): void;
  end(text: string): void;
  /** The isolate wants nothing more of it, or its event is over. Called at most once, and never after an error. */
  reset(): void;
  /** The isolate has taken so many bytes. */
  taken(bytes: number): void;
}

export const maxArgumentChars = 256 * 1024;

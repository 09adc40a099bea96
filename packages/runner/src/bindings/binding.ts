import type { ChannelHandler, PipeChannel } from '@openworkers/sandbox';
import type { BindingShape } from '@openworkers/db';

/** What a key of an isolate's `env` stands for, as the platform knows it. */
interface BindingScope {
  readonly tenantId: string;
  /** Of the namespace, storage or database. */
  readonly targetId: string;
  readonly shape: BindingShape;
}

export interface BindingCall {
  readonly scope: BindingScope;
  readonly requestId: string;
  /** What the isolate asks; a parsed object of which nothing else is known. */
  readonly question: unknown;
  readonly channel: PipeChannel;
}

/**
 * The trusted side of one kind of binding. It answers on the channel: `message` with a JSON head when
 * bytes follow, then `end`; or `end` with the head when none do; or `fail` with what the worker is told.
 */
export interface Binding {
  /**
   * Starts what is asked, and answers who hears what comes on the channel.
   *
   * @throws EgressRefusal what the worker is told
   */
  open(call: BindingCall): ChannelHandler;
}

import { channelWindowBytes } from '../boundary.ts';
import type { BindingKind } from '../boundary.ts';
import { openChannel } from '../dispatch/channels.ts';
import type { Channel, ChannelListener } from '../dispatch/channels.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import { Body } from '../fetch/body.ts';
import { IncomingBody } from '../fetch/incoming-body.ts';
import { Upload } from '../fetch/outgoing/upload.ts';
import { Error, JSONParse, JSONStringify } from '../primordials.ts';
import { Deferred } from '../safe-promise.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';

/** What the trusted side of a binding answered. */
export interface BindingAnswer {
  /** As the binding defines it; every field is there, so that reading it asks no prototype. */
  readonly head: unknown;
  /** Bytes that come behind the head. */
  readonly body: Body | undefined;
}

interface CallOptions {
  readonly kind: BindingKind;
  /** Has no prototype. The trusted side checks it again. */
  readonly question: object;
  /** Sent behind the question; whatever is not read of it is cancelled. */
  readonly content?: Body | undefined;
}

/**
 * Asks the trusted side of a binding for something, over a channel of its own. It rejects with an
 * `Error` when the operation fails, and with a `TypeError` outside of an event.
 *
 * The far side answers with a `message` (JSON head) when bytes follow, or with an `end` (JSON head)
 * when none do.
 */
export function callBinding(options: CallOptions): Promise<BindingAnswer> {
  return new BindingCall(options).answer;
}

class BindingCall implements ChannelListener {
  readonly #channel: Channel;
  readonly #answer = new Deferred<BindingAnswer>();
  #upload: Upload | undefined = undefined;
  #body: IncomingBody | undefined = undefined;

  constructor({ kind, question, content }: CallOptions) {
    const argument = JSONStringify(question);
    this.#channel = openChannel({ kind, argument, listener: this });
    if (content === undefined) this.#channel.end();
    else this.#send(content);
  }

  get answer(): Promise<BindingAnswer> {
    return this.#answer.promise;
  }

  message(text: string): void {
    const channel = this.#channel;
    const origin = {
      pull: (bytes: number): void => channel.grant(bytes),
      cancel: (): void => channel.reset(),
    };
    this.#body = new IncomingBody(origin, channelWindowBytes);
    this.#answer.resolve({ head: JSONParse(text), body: new Body(this.#body, undefined) });
  }

  data(data: ArrayBuffer | string): void {
    if (isArrayBuffer(data)) this.#body?.receiveChunk(data);
  }

  end(text: string): void {
    this.#letGo();
    if (this.#body !== undefined) this.#body.receiveEnd();
    else this.#answer.resolve({ head: JSONParse(text), body: undefined });
  }

  error(message: string): void {
    this.#letGo();
    this.#body?.receiveError(message);
    this.#answer.reject(new Error(message));
  }

  ready(): void {
    this.#upload?.advance();
  }

  #send(content: Body): void {
    const taken = content.takeContent();
    const bytes = typeof taken === 'string' ? encodeUtf8(taken) : taken;
    this.#upload = new Upload(this.#channel, bytes, (reason) => {
      this.#channel.reset();
      this.#answer.reject(reason);
    });
    this.#upload.start();
  }

  /** The answer is complete: the rest of the question is not wanted. */
  #letGo(): void {
    this.#channel.reset();
    this.#upload?.cancel(new Error('The operation is over'));
  }
}

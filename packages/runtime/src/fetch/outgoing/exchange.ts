import { channelWindowBytes } from '../../boundary.ts';
import { openChannel } from '../../dispatch/channels.ts';
import type { Channel, ChannelListener } from '../../dispatch/channels.ts';
import { JSONParse, JSONStringify } from '../../primordials.ts';
import type { ReadableState } from '../../streams/readable-state.ts';
import { isArrayBuffer } from '../../webidl/buffer-source.ts';
import type { Bytes } from '../body.ts';
import { IncomingBody } from '../incoming-body.ts';
import { Upload } from './upload.ts';

/** What is sent to one URL; redirects are further exchanges. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  /** Flat; see `flattenHeaders`. */
  readonly headers: string;
  readonly body: Bytes | ReadableState | undefined;
  /** Size of the body in bytes; undefined when only its end will tell. */
  readonly contentLength: number | undefined;
  /** Key of the binding whose worker answers; else the URL says who does. */
  readonly binding: string | undefined;
}

/** The `message` of a `fetch` channel: what came back. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Flat; without what the sandbox has undone, as `content-encoding`. */
  readonly headers: string;
}

/** Told at most one of these, once. */
export interface ExchangeOwner {
  headArrived(head: ResponseHead): void;
  failed(message: string, cause?: unknown): void;
}

/** One request over a channel of kind `fetch`, until its response body has ended. */
export class Exchange implements ChannelListener {
  /** The response's; its bytes arrive when somebody reads them. */
  readonly body: IncomingBody;
  readonly #owner: ExchangeOwner;
  readonly #channel: Channel;
  readonly #upload: Upload | undefined;
  #hasHead = false;
  /** Called when nothing more will be heard of it. */
  onOver: (() => void) | undefined = undefined;
  #onHandedOver: (() => void) | undefined = undefined;

  /** Throws when no channel can be opened. */
  constructor(request: OutgoingRequest, owner: ExchangeOwner) {
    const { method, url, headers, body, contentLength, binding } = request;
    this.#owner = owner;
    this.#channel = openChannel({
      kind: 'fetch',
      argument: JSONStringify({
        // Without a prototype that worker code could give a `toJSON`.
        __proto__: null,
        method,
        url,
        headers,
        hasBody: body !== undefined,
        ...(contentLength === undefined ? undefined : { contentLength }),
        ...(binding === undefined ? undefined : { binding }),
      }),
      listener: this,
    });
    this.body = new IncomingBody(
      {
        pull: (bytes) => this.#channel.grant(bytes),
        cancel: () => {
          this.#close('The response is not wanted any more');
        },
        handOver: (onHandedOver) => {
          this.#onHandedOver = onHandedOver;
          this.#channel.handOver();
        },
      },
      channelWindowBytes,
    );
    if (body !== undefined) {
      this.#upload = new Upload(this.#channel, body, (cause) => {
        this.#break('the request body failed', cause);
      });
      this.#upload.start();
    } else this.#channel.end();
  }

  /** Stops at once: whoever reads the response body gets the reason. */
  abort(reason: unknown): void {
    this.#close(reason);
    this.body.fail(reason);
  }

  message(text: string): void {
    if (this.#hasHead) return;
    this.#hasHead = true;
    // The sandbox writes it.
    this.#owner.headArrived(JSONParse(text) as ResponseHead);
  }

  data(data: ArrayBuffer | string): void {
    if (isArrayBuffer(data)) this.body.receiveChunk(data);
  }

  end(): void {
    if (!this.#hasHead) {
      this.#break('there was no response', undefined);
      return;
    }
    this.#close('The response is complete');
    this.body.receiveEnd();
  }

  error(message: string): void {
    this.#break(message, undefined);
  }

  handedOver(): void {
    this.#onHandedOver?.();
  }

  ready(): void {
    this.#upload?.advance();
  }

  #break(message: string, cause: unknown): void {
    this.#close(message);
    if (this.#hasHead) this.body.receiveError(message);
    else {
      this.#hasHead = true;
      this.#owner.failed(message, cause);
    }
  }

  /** Lets go of the channel and of what was still to be sent. */
  #close(reason: unknown): void {
    this.#channel.reset();
    this.#upload?.cancel(reason);
    this.onOver?.();
    this.onOver = undefined;
  }
}

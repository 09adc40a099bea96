import { channelWindowBytes } from '../boundary.ts';
import { openChannel } from '../dispatch/channels.ts';
import type { Channel, ChannelListener } from '../dispatch/channels.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import { Body } from '../fetch/body.ts';
import { HeaderList } from '../fetch/header-list.ts';
import { IncomingBody } from '../fetch/incoming-body.ts';
import { Upload } from '../fetch/outgoing/upload.ts';
import { Response, ResponseState } from '../fetch/response.ts';
import { Error, JSONParse, JSONStringify } from '../primordials.ts';
import { Deferred } from '../safe-promise.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';
import type { CacheCall } from './cache.ts';

/** The `message` of a `match` that found something. */
interface CachedHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
  readonly hasBody: boolean;
}

/** One call of the Cache API, over a channel of kind `cache`. */
export class CacheExchange implements ChannelListener {
  readonly #channel: Channel;
  readonly #answer = new Deferred<unknown>();
  #upload: Upload | undefined = undefined;
  #body: IncomingBody | undefined = undefined;
  #isPut = false;

  /** Throws when no channel can be opened. */
  constructor(call: CacheCall) {
    this.#channel = openChannel({
      kind: 'cache',
      argument: JSONStringify({ __proto__: null, ...call }),
      listener: this,
    });
  }

  match(): Promise<Response | undefined> {
    this.#channel.end();
    // `message` resolves it so.
    return this.#answer.promise as Promise<Response | undefined>;
  }

  delete(): Promise<boolean> {
    this.#channel.end();
    // The runner answers a `delete` with a boolean.
    return this.#answer.promise as Promise<boolean>;
  }

  put(body: Body | null): Promise<undefined> {
    this.#isPut = true;
    if (body === null) this.#channel.end();
    else {
      const content = body.takeContent();
      const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
      this.#upload = new Upload(this.#channel, bytes, (reason) => {
        this.#channel.reset();
        this.#answer.reject(reason);
      });
      this.#upload.start();
    }
    // `end` resolves it so.
    return this.#answer.promise as Promise<undefined>;
  }

  message(text: string): void {
    // The runner writes it.
    const answer: unknown = JSONParse(text);
    if (typeof answer === 'boolean') this.#answer.resolve(answer);
    else this.#answer.resolve(answer === null ? undefined : this.#respond(answer as CachedHead));
  }

  data(data: ArrayBuffer | string): void {
    if (isArrayBuffer(data)) this.#body?.receiveChunk(data);
  }

  end(): void {
    this.#letGo('The response is kept, or not cacheable');
    this.#body?.receiveEnd();
    if (this.#isPut) this.#answer.resolve(undefined);
    else this.#answer.reject(new Error('The cache did not answer'));
  }

  error(message: string): void {
    this.#letGo(message);
    this.#body?.receiveError(message);
    this.#answer.reject(new Error(`The cache failed: ${message}`));
  }

  ready(): void {
    this.#upload?.advance();
  }

  #respond(head: CachedHead): Response {
    const state = new ResponseState(new HeaderList(head.headers, true));
    state.status = head.status;
    state.statusText = head.statusText;
    if (head.hasBody) {
      const channel = this.#channel;
      const origin = {
        pull: (bytes: number): void => channel.grant(bytes),
        cancel: (): void => channel.reset(),
      };
      this.#body = new IncomingBody(origin, channelWindowBytes);
      state.body = new Body(this.#body, undefined);
    }
    return new Response(state);
  }

  #letGo(reason: string): void {
    this.#channel.reset();
    this.#upload?.cancel(new Error(reason));
  }
}

import type {
  ChannelFarEnd,
  ChannelPort,
  ChannelRequest,
} from '../../engine/channels/channel-opener.ts';
import { BodyDecoder, type ContentCoding } from './body-decoder.ts';
import { contentCodings, withoutCodings } from './content-codings.ts';
import type { FetchHead } from './fetch-messages.ts';

/**
 * Between an isolate and whoever answers its request: undoes the content codings of the response.
 * The isolate sees neither them nor the length they had, so that what a worker makes of the headers
 * fits the body it has.
 */
export class DecodedFetch {
  readonly #port: ChannelPort;
  readonly #runJob: ChannelRequest['runJob'];
  readonly #method: string;
  #far: ChannelFarEnd | undefined;
  /** In the order in which bytes go through them. */
  #decoders: readonly BodyDecoder[] = [];

  constructor(
    port: ChannelPort,
    { runJob, method }: { runJob: ChannelRequest['runJob']; method: string },
  ) {
    this.#port = port;
    this.#runJob = runJob;
    this.#method = method;
  }

  /** For who answers the request. */
  get port(): ChannelPort {
    return {
      message: (text) => this.#head(text),
      data: (data) => {
        const [first] = this.#decoders;
        if (first === undefined || typeof data === 'string') this.#port.data(data);
        else first.write(data);
      },
      end: () => {
        const [first] = this.#decoders;
        if (first === undefined) this.#port.end();
        else first.end();
      },
      error: (message) => {
        this.#destroy();
        this.#port.error(message);
      },
      sent: (bytes) => this.#port.sent(bytes),
    };
  }

  /** For the isolate; `far` is who answers the request. */
  connect(far: ChannelFarEnd): ChannelFarEnd {
    this.#far = far;
    return {
      data: (data) => far.data(data),
      end: (text) => far.end(text),
      reset: () => {
        this.#destroy();
        far.reset();
      },
      taken: (bytes) => {
        const last = this.#decoders.at(-1);
        if (last === undefined) far.taken(bytes);
        else last.taken(bytes);
      },
    };
  }

  #head(text: string): void {
    // Written by this process or by the runner.
    const head = JSON.parse(text) as FetchHead;
    // Without a body there is nothing to undo, whatever the headers say.
    const codings = this.#method === 'HEAD' ? undefined : contentCodings(head.headers);
    if (codings === undefined) return this.#port.message(text);
    this.#decoders = this.#chain(codings.toReversed());
    this.#port.message(JSON.stringify({ ...head, headers: withoutCodings(head.headers) }));
  }

  #chain(codings: readonly ContentCoding[]): BodyDecoder[] {
    const decoders: BodyDecoder[] = [];
    for (const [at, coding] of codings.entries()) {
      const decoder = new BodyDecoder(coding, this.#runJob, {
        data: (bytes) => {
          const next = decoders[at + 1];
          if (next === undefined) this.#port.data(bytes);
          else next.write(bytes);
        },
        end: () => {
          const next = decoders[at + 1];
          if (next === undefined) this.#port.end();
          else next.end();
        },
        error: (message) => {
          this.#destroy();
          this.#port.error(message);
          this.#far?.reset();
        },
        consumed: (bytes) => {
          const before = decoders[at - 1];
          if (before === undefined) this.#far?.taken(bytes);
          else before.taken(bytes);
        },
      });
      decoders.push(decoder);
    }
    return decoders;
  }

  #destroy(): void {
    for (const decoder of this.#decoders) decoder.destroy();
  }
}

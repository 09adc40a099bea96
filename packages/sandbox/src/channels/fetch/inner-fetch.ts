import { platformLimits } from '@openworkers/core/limits';
import { errorCatalogue, type ErrorCode } from '@openworkers/core/error-catalogue';
import type { ChannelFarEnd, ChannelPort } from '../../engine/channels/channel-opener.ts';
import {
  streamedBody,
  type EventOutcome,
  type FailureReason,
  type ResponseBody,
  type ResponseTarget,
  type RunningEvent,
} from '../../engine/worker-engine.ts';
import { pathOfUrl } from '../../forward/path-of-url.ts';
import { BodyQueue } from '../../http/body-queue.ts';
import { preferredErrorForm, renderError } from '../../http/error-body.ts';
import type { InvocationLog } from '../../http/exchange-context.ts';
import { failureAnswer } from '../../http/failure-answer.ts';
import type { ResponseHeaderFilter } from '../../http/response-headers.ts';
import type { FetchHead, FetchQuestion } from './fetch-messages.ts';

const noBytes = new ArrayBuffer(0);

export interface InnerFetchOptions {
  readonly question: FetchQuestion;
  readonly requestId: string;
  readonly port: ChannelPort;
  readonly records: InvocationLog;
  readonly responseHeaders: ResponseHeaderFilter;
}

/** A request of one worker to another one of this platform, which never leaves it. */
export class InnerFetch implements ResponseTarget {
  readonly #options: InnerFetchOptions;
  readonly #body: BodyQueue | undefined;
  #running: RunningEvent | undefined;
  #maxBodyBytes = platformLimits.subrequestBodyBytes.tenant;
  #bodyBytes = 0;
  #status = 0;
  #hasHead = false;
  #isOver = false;

  constructor(options: InnerFetchOptions) {
    this.#options = options;
    if (options.question.hasBody) this.#body = this.#openBody();
  }

  /** Nobody waits for its answer any more, or has it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get body(): BodyQueue | undefined {
    return this.#body;
  }

  /** The other worker runs. */
  start(running: RunningEvent, maxBodyBytes: number): void {
    this.#running = running;
    this.#maxBodyBytes = maxBodyBytes;
    if (this.#isOver) this.#disconnectSoon();
  }

  /** The platform's own answer, as a client would get it. */
  answerError(code: ErrorCode, message?: string): void {
    if (this.#hasHead || this.#isOver) return;
    const { status, message: usual } = errorCatalogue[code];
    const { requestId, question } = this.#options;
    const error = { status, code, message: message ?? usual, requestId };
    const { contentType, body } = renderError(error, preferredErrorForm(acceptOf(question)));
    this.#sendHead(status, `content-type\n${contentType}\ncache-control\nno-store`);
    this.#sendWhole(body);
  }

  /** For the worker that asks. */
  get farEnd(): ChannelFarEnd {
    return {
      data: (data) => this.#receive(typeof data === 'string' ? Buffer.from(data) : data),
      end: () => this.#body?.complete(),
      reset: () => {
        this.#isOver = true;
        this.#body?.break('aborted');
        this.#disconnectSoon();
      },
      taken: (bytes) => this.#running?.credit(bytes),
    };
  }

  // ResponseTarget

  head(status: number, headers: string, body: ResponseBody): void {
    if (this.#hasHead || this.#isOver) return;
    const prepared = this.#options.responseHeaders.prepare(headers);
    if (prepared === undefined) return this.fail('Exception');
    const length = lengthOf(body) ?? prepared.contentLength;
    const pairs = [...prepared.pairs];
    if (length !== undefined && status !== 204) pairs.push('content-length', String(length));
    this.#sendHead(status, pairsToFlat(pairs));
    if (this.#isBodiless(status)) {
      this.#finish();
      this.#disconnectSoon();
    } else if (body !== streamedBody) this.#sendWhole(body);
  }

  chunk(bytes: ArrayBuffer | Uint8Array): void {
    if (this.#isOver) return;
    this.#options.port.data(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  }

  end(): void {
    this.#finish();
  }

  /** A `fetch` channel has no connection to switch. */
  upgrade(): undefined {
    return undefined;
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.port.error('the response of the other worker broke off');
  }

  fail(reason: FailureReason): void {
    this.answerError(failureAnswer(reason).code);
  }

  done(outcome: EventOutcome): void {
    if (!this.#hasHead) this.fail('Exception');
    const { requestId, question, records } = this.#options;
    records.addInvocation({
      ...outcome,
      requestId,
      timeMs: Date.now(),
      method: question.method,
      path: pathOfUrl(question.url),
      status: this.#status,
    });
  }

  #receive(bytes: Uint8Array): void {
    this.#bodyBytes += bytes.length;
    if (this.#bodyBytes > this.#maxBodyBytes) this.#body?.break('too_large');
    else this.#body?.push(bytes);
  }

  #sendHead(status: number, headers: string): void {
    this.#hasHead = true;
    this.#status = status;
    const { port, requestId } = this.#options;
    const withId = `${headers === '' ? '' : `${headers}\n`}x-request-id\n${requestId}`;
    port.message(JSON.stringify({ status, statusText: '', headers: withId } satisfies FetchHead));
  }

  #sendWhole(body: string | ArrayBuffer | null): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body ?? noBytes);
    if (bytes.length > 0 && this.#options.question.method !== 'HEAD')
      this.#options.port.data(bytes);
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.port.end();
  }

  #isBodiless(status: number): boolean {
    return this.#options.question.method === 'HEAD' || status === 204 || status === 304;
  }

  #openBody(): BodyQueue {
    return new BodyQueue({
      taken: (bytes) => this.#options.port.sent(bytes),
      // The window keeps the isolate from sending more.
      pause: () => undefined,
      resume: () => undefined,
      cancelled: () => undefined,
    });
  }

  /** Not while the engine is still in the call that led here. */
  #disconnectSoon(): void {
    const running = this.#running;
    if (running !== undefined) setImmediate(() => running.disconnect());
  }
}

function lengthOf(body: ResponseBody): number | undefined {
  if (body === null || body === streamedBody) return undefined;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
}

function pairsToFlat(pairs: readonly string[]): string {
  return pairs.join('\n');
}

function acceptOf({ headers }: FetchQuestion): string | undefined {
  const parts = headers.split('\n');
  const at = parts.findIndex((part, index) => index % 2 === 0 && part.toLowerCase() === 'accept');
  return at < 0 ? undefined : parts[at + 1];
}

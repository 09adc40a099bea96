import { platformLimits } from '@openworkers/core';
import {
  streamWindowBytes,
  type ChannelHandler,
  type FetchHead,
  type PipeChannel,
} from '@openworkers/sandbox';
import type { Dispatcher } from 'undici';
import { describeFailure, isLostConnection } from '../describe-failure.ts';
import { flatHeaders, latin1 } from './flat-headers.ts';
import type { UploadStream } from './upload-stream.ts';

const maxBytes = platformLimits.subrequestBodyBytes.tenant;

export interface OriginExchangeOptions {
  readonly channel: PipeChannel;
  readonly upload: UploadStream | undefined;
  /** Called once, when nothing of it is left. */
  readonly onOver: () => void;
  /** Sends the request again, on a new connection; undefined when that cannot be done safely. */
  readonly retry: (() => void) | undefined;
}

/** One request to an origin: what comes back goes into the channel as fast as it is taken. */
export class OriginExchange implements Dispatcher.DispatchHandler, ChannelHandler {
  readonly #channel: PipeChannel;
  readonly #upload: UploadStream | undefined;
  readonly #onOver: () => void;
  #retry: (() => void) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  /** Bytes given to the channel that have not left. */
  #unsentBytes = 0;
  #receivedBytes = 0;
  #hasHead = false;
  #isOver = false;

  constructor({ channel, upload, onOver, retry }: OriginExchangeOptions) {
    this.#channel = channel;
    this.#upload = upload;
    this.#onOver = onOver;
    this.#retry = retry;
  }

  // What the isolate says.

  data(data: Buffer | string): void {
    if (typeof data !== 'string') this.#upload?.receive(data);
  }

  end(): void {
    this.#upload?.receiveEnd();
  }

  message(): void {
    // There is nothing to say beside the body.
  }

  /** The isolate, or its sandbox, does not want it any more. */
  error(): void {
    this.#abort();
  }

  sent(bytes: number): void {
    this.#unsentBytes -= bytes;
    if (this.#controller?.paused === true && this.#unsentBytes < streamWindowBytes) {
      this.#controller.resume();
    }
  }

  // What the origin says.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('not wanted any more'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText = '',
  ): void {
    // Informational responses come before the one that counts.
    if (status < 200 || this.#isOver) return;
    const headers = flatHeaders(controller.rawHeaders);
    if (headers === undefined || status > 599) {
      this.#fail('the response head is not valid, or too large');
      return;
    }
    this.#hasHead = true;
    this.#channel.message(
      JSON.stringify({ status, statusText: latin1(statusText), headers } satisfies FetchHead),
    );
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > maxBytes) {
      this.#fail('the response is larger than the limit');
      return;
    }
    this.#unsentBytes += chunk.length;
    this.#channel.send(chunk);
    if (this.#unsentBytes >= streamWindowBytes) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#channel.end();
    this.#finish();
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#isOver) return;
    const retry = this.#hasHead ? undefined : this.#retry;
    if (retry !== undefined && isLostConnection(error)) {
      this.#retry = undefined;
      retry();
      return;
    }
    this.#fail(describeFailure(error));
  }

  #fail(message: string): void {
    this.#channel.fail(message);
    this.#abort();
  }

  #abort(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#controller?.abort(new Error('not wanted any more'));
  }

  #finish(): void {
    this.#isOver = true;
    this.#upload?.destroy();
    this.#onOver();
  }
}

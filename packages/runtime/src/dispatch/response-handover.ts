import { hostOps } from '../boundary.ts';
import type { BodySink, IncomingBody } from '../fetch/incoming-body.ts';
import { exactBuffer } from '../webidl/buffer-source.ts';
import { describeError } from './describe-error.ts';
import { host } from './host.ts';
import type { PumpedEvent } from './response-pump.ts';

/**
 * Sends the body of a fetched response to the client as it is: what is here already goes out from
 * here, the rest never comes here. A worker that only passes a body on uses no CPU for it.
 */
export class ResponseHandover implements BodySink {
  readonly #body: IncomingBody;
  readonly #event: PumpedEvent;
  #isFinished = false;

  constructor(body: IncomingBody, event: PumpedEvent) {
    this.#body = body;
    this.#event = event;
  }

  start(): void {
    this.#body.handOver(this, () => this.#finish());
  }

  /** The sandbox keeps the window: what comes here is less than one. */
  credit(): void {}

  /** Stops without a word to the client's side; the origin is told. */
  cancel(): void {
    if (this.#isFinished) return;
    this.#body.cancel();
    this.#finish();
  }

  chunk(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (!this.#isFinished) host(hostOps.responseChunk, this.#event.id, exactBuffer(bytes));
    return true;
  }

  end(): void {
    if (this.#isFinished) return;
    host(hostOps.responseEnd, this.#event.id);
    this.#finish();
  }

  fail(reason: unknown): void {
    if (this.#isFinished) return;
    this.#event.reportBackgroundError(reason);
    host(hostOps.responseError, this.#event.id, describeError(reason).message);
    this.#finish();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#event.settle();
  }
}

import { hostOps } from '../boundary.ts';
import type { Crossing } from '../boundary.ts';
import { callHost } from '../dispatch/host-calls.ts';
import { host } from '../dispatch/host.ts';
import { currentEventId } from '../dispatch/services.ts';
import { QuotaExceededError } from '../dom-exception/quota-exceeded-error.ts';
import { MathMin, TypedArrayPrototypeByteLength, TypeError, Uint8Array } from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';
import { exactBuffer, isArrayBuffer, subarray } from '../webidl/buffer-source.ts';
import { codecPieceBytes, codecSizeBytes, openCodecBytes } from './codec-contract.ts';
import type { CodecDirection, CodecFormat, CodecStep } from './codec-contract.ts';

/** Open codecs of this isolate, by their ids. */
const openCodecs = new SafeMap<number, Codec>();
let lastCodecId = 0;
let openBytes = 0;

/** Told what a codec made of its input. */
export interface CodecOutput {
  /**
   * @param resume To be called when more is wanted of what the same input gives.
   * @param isShort Little more than an error or the end is to come: not worth waiting for a reader.
   */
  readonly bytes: (
    bytes: Uint8Array<ArrayBuffer>,
    resume: (() => void) | undefined,
    isShort: boolean,
  ) => void;
  readonly fail: (error: Error) => void;
}

/**
 * One compressor or decompressor in the sandbox. It belongs to the event that made it and ends with
 * it. Takes one input at a time; the next may follow when the output came without `resume`.
 */
export class Codec {
  readonly #eventId = currentEventId();
  readonly #direction: CodecDirection;
  readonly #format: CodecFormat;
  readonly #output: CodecOutput;
  #id = 0;
  #isEnding = false;
  #isClosed = false;
  #rest: Uint8Array<ArrayBuffer> | undefined = undefined;
  #restAt = 0;

  constructor(direction: CodecDirection, format: CodecFormat, output: CodecOutput) {
    this.#direction = direction;
    this.#format = format;
    this.#output = output;
  }

  get eventId(): number {
    return this.#eventId;
  }

  /** Takes any number of bytes, which must not change until they have been answered. */
  write(bytes: Uint8Array<ArrayBuffer>): void {
    this.#rest = bytes;
    this.#restAt = 0;
    this.#writePiece(bytes);
  }

  /** The input is complete; answers with what is left and closes. */
  end(): void {
    this.#isEnding = true;
    this.#call('end', undefined);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rest = undefined;
    if (this.#id === 0) return;
    openCodecs.delete(this.#id);
    openBytes -= codecSizeBytes(this.#direction, this.#format);
    host(hostOps.closeCodec, this.#eventId, this.#id);
  }

  #writePiece(bytes: Uint8Array<ArrayBuffer>): void {
    const end = MathMin(this.#restAt + codecPieceBytes, TypedArrayPrototypeByteLength(bytes));
    const piece = exactBuffer(subarray(bytes, this.#restAt, end));
    this.#restAt = end;
    this.#call('write', piece);
  }

  #call(step: CodecStep, bytes: ArrayBuffer | undefined): void {
    if (this.#isClosed) {
      this.#output.fail(new TypeError('The event that made this stream is over'));
      return;
    }
    if (this.#id === 0 && !this.#open()) {
      this.#isClosed = true;
      this.#output.fail(new QuotaExceededError('Too many compression streams are in use at once'));
      return;
    }
    callHost({
      name: 'codec',
      argument: `${step} ${this.#id} ${this.#direction} ${this.#format}`,
      ...(bytes === undefined ? {} : { bytes }),
      eventId: this.#eventId,
      onResult: (hasMore, result) => this.#receive(hasMore, result),
      onError: ({ message }) => {
        if (this.#isClosed) return;
        this.close();
        this.#output.fail(new TypeError(message));
      },
    });
  }

  #open(): boolean {
    const sizeBytes = codecSizeBytes(this.#direction, this.#format);
    if (openBytes + sizeBytes > openCodecBytes) return false;
    openBytes += sizeBytes;
    lastCodecId += 1;
    this.#id = lastCodecId;
    openCodecs.set(lastCodecId, this);
    return true;
  }

  #receive(hasMore: Crossing, result: Crossing): void {
    if (this.#isClosed) return;
    const bytes = isArrayBuffer(result) ? new Uint8Array(result) : new Uint8Array(0);
    const rest = this.#rest;
    let resume: (() => void) | undefined;
    if (hasMore === 1 || hasMore === 2) resume = () => this.#call('more', undefined);
    else if (rest !== undefined && this.#restAt < TypedArrayPrototypeByteLength(rest)) {
      resume = () => this.#writePiece(rest);
    } else {
      this.#rest = undefined;
      if (this.#isEnding) this.close();
    }
    this.#output.bytes(bytes, resume, hasMore === 2 || this.#isEnding);
  }
}

/** Ends what an event that is over has left. The sandbox has ended them already. */
export function dropCodecsOf(eventId: number): void {
  openCodecs.forEach((codec) => {
    if (codec.eventId === eventId) codec.close();
  });
}

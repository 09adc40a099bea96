import {
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createDeflateRaw,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
  type Zlib,
} from 'node:zlib';
import type { Transform } from 'node:stream';
import type { CodecDirection, CodecFormat } from '@openworkers/runtime';

type Coder = Transform & Zlib;

/** What one step gave. */
export interface CodecOutput {
  readonly bytes: ArrayBuffer;
  /** `more`: there is more; `failed`: the next step gives the error. */
  readonly state: 'done' | 'more' | 'failed';
}

const KiB = 1024;
/** Output that may wait for the isolate; the coder stops when it is there. */
const windowBytes = 256 * KiB;

/** `rejectGarbageAfterEnd` is Node's own for its DecompressionStream; without it, it is ignored. */
const options = {
  chunkSize: 64 * KiB,
  readableHighWaterMark: windowBytes,
  rejectGarbageAfterEnd: true,
};
/** What costs about as much as gzip does; the default takes 20 times as long and 16 MiB. */
const brotliOptions = {
  ...options,
  params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 18 },
};

const makers: Readonly<Record<CodecDirection, Readonly<Record<CodecFormat, () => Coder>>>> = {
  compress: {
    deflate: () => createDeflate(options),
    'deflate-raw': () => createDeflateRaw(options),
    gzip: () => createGzip(options),
    brotli: () => createBrotliCompress(brotliOptions),
  },
  decompress: {
    deflate: () => createInflate(options),
    'deflate-raw': () => createInflateRaw(options),
    gzip: () => createGunzip(options),
    brotli: () => createBrotliDecompress(options),
  },
};

/**
 * One compressor or decompressor on libuv's threads. Works only during a step, and until its output
 * window is full: then the next step must be `more`.
 */
export class Codec {
  readonly #coder: Coder;
  #output: Buffer[] = [];
  #isInputDone = true;
  #isFull = false;
  #error: Error | undefined;
  /** Whoever waits for the coder to rest. */
  #onRest: (() => void) | undefined;

  constructor(direction: CodecDirection, format: CodecFormat) {
    const coder = makers[direction][format]();
    this.#coder = coder;
    const push = coder.push.bind(coder);
    // The only way to see that the coder stops because nobody reads.
    coder.push = (chunk: Buffer | null): boolean => {
      if (chunk === null) return this.#inputDone(push(null));
      this.#output.push(chunk);
      const goesOn = push(chunk);
      if (!goesOn) {
        this.#isFull = true;
        this.#rest();
      }
      return goesOn;
    };
    coder.on('error', (error: Error) => this.#fail(error));
  }

  write(bytes: Uint8Array): Promise<CodecOutput> {
    this.#isInputDone = false;
    this.#coder.write(bytes, (error) => {
      if (error) this.#fail(error);
      else this.#inputDone(true);
    });
    return this.#untilRest();
  }

  end(): Promise<CodecOutput> {
    this.#isInputDone = false;
    this.#coder.end();
    return this.#untilRest();
  }

  /** Goes on with the same input. */
  more(): Promise<CodecOutput> {
    return this.#untilRest();
  }

  close(): void {
    this.#fail(new Error('The stream was closed'));
    this.#output = [];
    this.#coder.destroy();
  }

  async #untilRest(): Promise<CodecOutput> {
    if (this.#error !== undefined && this.#output.length === 0) throw this.#error;
    const taken = this.#takeOutput();
    if (!this.#isInputDone && this.#error === undefined) {
      await new Promise<void>((resolve) => {
        this.#onRest = resolve;
      });
    }
    // A full window is left for the next step, so that the coder does not go on beside it.
    if (!this.#isFull) taken.push(...this.#takeOutput());
    if (this.#error !== undefined && taken.length === 0) throw this.#error;
    return { bytes: toBuffer(taken), state: this.#state };
  }

  get #state(): CodecOutput['state'] {
    if (this.#error !== undefined) return 'failed';
    return this.#isFull ? 'more' : 'done';
  }

  /** Takes what waits; a coder that had stopped goes on. */
  #takeOutput(): Buffer[] {
    const taken = this.#output;
    this.#output = [];
    this.#isFull = false;
    // Node gives one chunk at a time, and none once it knows of an error that it has yet to tell.
    let isEmpty = this.#error !== undefined;
    while (!isEmpty) isEmpty = this.#coder.read() === null;
    return taken;
  }

  #inputDone(result: boolean): boolean {
    this.#isInputDone = true;
    this.#rest();
    return result;
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#isFull = false;
    this.#rest();
  }

  #rest(): void {
    this.#onRest?.();
    this.#onRest = undefined;
  }
}

/** A buffer of its own: what crosses into an isolate is transferred. */
function toBuffer(pieces: readonly Buffer[]): ArrayBuffer {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return new Uint8Array(first).buffer;
  return new Uint8Array(Buffer.concat(pieces)).buffer;
}

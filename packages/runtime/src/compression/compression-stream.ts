import { TypeError } from '../primordials.ts';
import { ReadableStream } from '../streams/readable-stream.ts';
import { WritableStream } from '../streams/writable-stream.ts';
import { requireArguments, toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { codecFormats } from './codec-contract.ts';
import type { CodecFormat } from './codec-contract.ts';
import { createCodingTransform } from './coding-transform.ts';

/** https://compression.spec.whatwg.org/#compression-stream */
export class CompressionStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  constructor(format: unknown) {
    requireArguments(arguments.length, 1, 'CompressionStream constructor');
    const state = createCodingTransform('compress', toFormat(format));
    this.#readable = new ReadableStream(state.readable);
    this.#writable = new WritableStream(state.writable);
  }

  get readable(): ReadableStream {
    return this.#readable;
  }

  get writable(): WritableStream {
    return this.#writable;
  }

  static {
    defineInterface(this, 'CompressionStream');
  }
}

/** https://compression.spec.whatwg.org/#decompression-stream */
export class DecompressionStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  constructor(format: unknown) {
    requireArguments(arguments.length, 1, 'DecompressionStream constructor');
    const state = createCodingTransform('decompress', toFormat(format));
    this.#readable = new ReadableStream(state.readable);
    this.#writable = new WritableStream(state.writable);
  }

  get readable(): ReadableStream {
    return this.#readable;
  }

  get writable(): WritableStream {
    return this.#writable;
  }

  static {
    defineInterface(this, 'DecompressionStream');
  }
}

function toFormat(value: unknown): CodecFormat {
  const text = toDomString(value);
  for (let i = 0; i < codecFormats.length; i += 1) {
    const format = codecFormats[i];
    if (format === text) return format;
  }
  throw new TypeError(`"${text}" is not a supported compression format`);
}

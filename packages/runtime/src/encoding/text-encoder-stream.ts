import { StringPrototypeCharCodeAt, StringPrototypeSlice } from '../primordials.ts';
import { promiseReject, promiseResolve } from '../safe-promise.ts';
import { ReadableStream } from '../streams/readable-stream.ts';
import { TransformState } from '../streams/transform-state.ts';
import type { Transformer } from '../streams/transform-state.ts';
import { WritableStream } from '../streams/writable-stream.ts';
import { toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { textStreamSizes } from './text-stream-sizes.ts';
import { encodeUtf8 } from './utf8-encode.ts';

/** https://encoding.spec.whatwg.org/#interface-textencoderstream */
export class TextEncoderStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  constructor() {
    const state: TransformState = new TransformState(
      createEncoder(() => state),
      textStreamSizes,
    );
    state.start(undefined);
    this.#readable = new ReadableStream(state.readable);
    this.#writable = new WritableStream(state.writable);
  }

  get encoding(): string {
    void this.#readable;
    return 'utf-8';
  }

  get readable(): ReadableStream {
    return this.#readable;
  }

  get writable(): WritableStream {
    return this.#writable;
  }

  static {
    defineInterface(this, 'TextEncoderStream');
  }
}

/** Keeps a leading surrogate at the end of a chunk for the next one. */
function createEncoder(getState: () => TransformState): Transformer {
  let held = '';
  return {
    transform(chunk) {
      try {
        const text = held + toDomString(chunk);
        const endsOpen =
          text !== '' && (StringPrototypeCharCodeAt(text, text.length - 1) & 0xfc00) === 0xd800;
        held = endsOpen ? StringPrototypeSlice(text, -1) : '';
        const whole = endsOpen ? StringPrototypeSlice(text, 0, -1) : text;
        if (whole !== '') getState().enqueue(encodeUtf8(whole));
        return promiseResolve(undefined);
      } catch (error) {
        return promiseReject(error);
      }
    },
    flush() {
      try {
        if (held !== '') getState().enqueue(encodeUtf8(held));
        return promiseResolve(undefined);
      } catch (error) {
        return promiseReject(error);
      }
    },
    cancel: () => promiseResolve(undefined),
  };
}

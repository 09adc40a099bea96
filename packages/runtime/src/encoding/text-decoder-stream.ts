/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { promiseReject, promiseResolve } from '../safe-promise.ts';
import { ReadableStream } from '../streams/readable-stream.ts';
import { TransformState } from '../streams/transform-state.ts';
import { WritableStream } from '../streams/writable-stream.ts';
import { isBufferSource } from '../webidl/buffer-source.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { decodeInput, TextDecoder, traitsOf } from './text-decoder.ts';
import type { DecoderTraits } from './text-decoder.ts';
import { textStreamSizes } from './text-stream-sizes.ts';

/** https://encoding.spec.whatwg.org/#interface-textdecoderstream */
export class TextDecoderStream {
  readonly #traits: DecoderTraits;
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  constructor(label: unknown = 'utf-8', options: unknown = undefined) {
    const decoder = new TextDecoder(label, options);
    const state = createDecodingTransform(decoder);
    this.#traits = traitsOf(decoder);
    this.#readable = new ReadableStream(state.readable);
    this.#writable = new WritableStream(state.writable);
  }

  get encoding(): string {
    return this.#traits.encoding;
  }

  get fatal(): boolean {
    return this.#traits.isFatal;
  }

  get ignoreBOM(): boolean {
    return this.#traits.keepsMark;
  }

  get readable(): ReadableStream {
    return this.#readable;
  }

  get writable(): WritableStream {
    return this.#writable;
  }

  static {
    defineInterface(this, 'TextDecoderStream');
  }
}

function createDecodingTransform(decoder: TextDecoder): TransformState {
  const decode = (input: unknown, isLast: boolean): Promise<undefined> => {
    try {
      const text = decodeInput(decoder, input, isLast);
      if (text !== '') state.enqueue(text);
      return promiseResolve(undefined);
    } catch (error) {
      return promiseReject(error);
    }
  };
  const state: TransformState = new TransformState(
    {
      transform(chunk) {
        if (isBufferSource(chunk)) return decode(chunk, false);
        return promiseReject(new TypeError('The chunk is not an ArrayBuffer or a view'));
      },
      flush: () => decode(undefined, true),
      cancel: () => promiseResolve(undefined),
    },
    textStreamSizes,
  );
  state.start(undefined);
  return state;
}

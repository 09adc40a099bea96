import { TypedArrayPrototypeByteLength, TypeError } from '../primordials.ts';
import { Deferred, promiseReject, promiseResolve, react } from '../safe-promise.ts';
import { TransformState } from '../streams/transform-state.ts';
import type { Transformer } from '../streams/transform-state.ts';
import { copyBytes, isBufferSource } from '../webidl/buffer-source.ts';
import type { CodecDirection, CodecFormat } from './codec-contract.ts';
import { Codec } from './codec.ts';

/**
 * A transform stream through a codec. However much one chunk decompresses to, no more of it is made
 * than its reader asks for.
 */
export function createCodingTransform(
  direction: CodecDirection,
  format: CodecFormat,
): TransformState {
  const state: TransformState = new TransformState(
    new CodingTransformer(direction, format, () => state),
    {
      writableHighWaterMark: 1,
      writableSize: undefined,
      readableHighWaterMark: 0,
      readableSize: undefined,
    },
  );
  state.start(undefined);
  return state;
}

class CodingTransformer implements Transformer {
  readonly #codec: Codec;
  readonly #getState: () => TransformState;
  /** Of the chunk, or the end, that the codec is busy with. */
  #pending: Deferred<undefined> | undefined = undefined;

  constructor(direction: CodecDirection, format: CodecFormat, getState: () => TransformState) {
    this.#getState = getState;
    this.#codec = new Codec(direction, format, {
      bytes: (bytes, resume, isShort) => this.#receive(bytes, resume, isShort),
      fail: (error) => this.#settle((pending) => pending.reject(error)),
    });
  }

  readonly transform = (chunk: unknown): Promise<undefined> => {
    if (!isBufferSource(chunk)) {
      this.#codec.close();
      return promiseReject(new TypeError('The chunk is not an ArrayBuffer or a view'));
    }
    const pending = new Deferred<undefined>();
    this.#pending = pending;
    this.#codec.write(copyBytes(chunk));
    return pending.promise;
  };

  readonly flush = (): Promise<undefined> => {
    const pending = new Deferred<undefined>();
    this.#pending = pending;
    this.#codec.end();
    return pending.promise;
  };

  readonly cancel = (): Promise<undefined> => {
    this.#codec.close();
    this.#settle((pending) => pending.resolve(undefined));
    return promiseResolve(undefined);
  };

  #receive(
    bytes: Uint8Array<ArrayBuffer>,
    resume: (() => void) | undefined,
    isShort: boolean,
  ): void {
    const state = this.#getState();
    try {
      if (TypedArrayPrototypeByteLength(bytes) > 0) state.enqueue(bytes);
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    if (resume === undefined) this.#settle((pending) => pending.resolve(undefined));
    else if (isShort) resume();
    else {
      const goOn = (): void => {
        if (state.readableController.canCloseOrEnqueue) resume();
        else this.#giveUp(new TypeError('The readable side is closed'));
      };
      react(state.untilWanted(), goOn, goOn);
    }
  }

  #giveUp(error: unknown): void {
    this.#codec.close();
    this.#settle((pending) => pending.reject(error));
  }

  #settle(settle: (pending: Deferred<undefined>) => void): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) settle(pending);
  }
}

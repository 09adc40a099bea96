/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { MathTrunc, RangeError, TypedArrayPrototypeByteLength, TypeError } from '../primordials.ts';
import { promiseReject, promiseResolve } from '../safe-promise.ts';
import { copyBytes, isBufferSource, viewBytes } from '../webidl/buffer-source.ts';
import { requireArguments, toNumber } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { toStrategy, highWaterMarkOf } from './strategies.ts';
import type { Strategy } from './strategies.ts';
import { TransformState } from './transform-state.ts';
import { TransformStream } from './transform-stream.ts';

/**
 * A transform stream of bytes that changes nothing, as Workers have it: a write settles when its
 * bytes have been read.
 */
export class IdentityTransformStream extends TransformStream {
  /** @param strategy Its `highWaterMark` is in bytes. */
  constructor(strategy: unknown = undefined) {
    super(passBytes(undefined, toStrategy(strategy)));
  }

  static {
    defineInterface(this, 'IdentityTransformStream');
  }
}

/** An identity transform stream that takes exactly so many bytes. */
export class FixedLengthStream extends TransformStream {
  constructor(length: unknown, strategy: unknown = undefined) {
    requireArguments(arguments.length, 1, 'FixedLengthStream');
    super(passBytes(toLength(length), toStrategy(strategy)));
  }

  static {
    defineInterface(this, 'FixedLengthStream');
  }
}

function passBytes(expectedBytes: number | undefined, strategy: Strategy): TransformState {
  let passedBytes = 0;
  const state: TransformState = new TransformState(
    {
      transform(chunk) {
        if (!isBufferSource(chunk)) {
          return promiseReject(new TypeError('The chunk is not an ArrayBuffer or a view'));
        }
        const bytes = copyBytes(chunk);
        const sizeBytes = TypedArrayPrototypeByteLength(bytes);
        passedBytes += sizeBytes;
        if (expectedBytes !== undefined && passedBytes > expectedBytes) {
          return promiseReject(new TypeError(`More than ${expectedBytes} bytes were written`));
        }
        if (sizeBytes > 0) state.enqueue(bytes);
        return done;
      },
      flush() {
        if (expectedBytes === undefined || passedBytes === expectedBytes) return done;
        const reason = `${passedBytes} of ${expectedBytes} bytes were written`;
        return promiseReject(new TypeError(reason));
      },
      cancel: () => done,
    },
    {
      writableHighWaterMark: highWaterMarkOf(strategy, 1),
      writableSize: strategy.highWaterMark === undefined ? undefined : sizeOf,
      readableHighWaterMark: 0,
      readableSize: undefined,
    },
  );
  state.start(undefined);
  return state;
}

function sizeOf(chunk: unknown): number {
  return isBufferSource(chunk) ? TypedArrayPrototypeByteLength(viewBytes(chunk)) : 0;
}

function toLength(value: unknown): number {
  const length = toNumber(typeof value === 'bigint' ? `${value}` : value);
  if (!(length >= 0 && length <= 9_007_199_254_740_991)) throw new RangeError('Invalid length');
  return MathTrunc(length);
}

const done: Promise<undefined> = promiseResolve(undefined);

import {
  ObjectDefineProperty,
  RangeError,
  ReflectApply,
  ReflectGet,
  TypeError,
} from '../primordials.ts';
import { isObject, requireArguments, toNumber } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { toCallback } from '../webidl/to-algorithm.ts';

/** https://streams.spec.whatwg.org/#qs, converted. */
export interface Strategy {
  readonly highWaterMark: number | undefined;
  readonly size: ((chunk: unknown) => number) | undefined;
}

/** Converts a `QueuingStrategy` dictionary. */
export function toStrategy(value: unknown): Strategy {
  if (value === undefined || value === null) return noStrategy;
  if (!isObject(value)) throw new TypeError('The queuing strategy is not an object');
  const mark: unknown = ReflectGet(value, 'highWaterMark');
  const highWaterMark = mark === undefined ? undefined : toNumber(mark);
  const callback = toCallback(value, 'size');
  if (callback === undefined) return { highWaterMark, size: undefined };
  return {
    highWaterMark,
    size: (chunk) => toNumber(ReflectApply(callback, undefined, [chunk])),
  };
}

/** https://streams.spec.whatwg.org/#validate-and-normalize-high-water-mark */
export function highWaterMarkOf(strategy: Strategy, fallback: number): number {
  const { highWaterMark } = strategy;
  if (highWaterMark === undefined) return fallback;
  // Also false for NaN.
  if (!(highWaterMark >= 0)) throw new RangeError('Invalid highWaterMark');
  return highWaterMark;
}

const noStrategy: Strategy = { highWaterMark: undefined, size: undefined };

function requiredMark(init: unknown, name: string): number {
  if (!isObject(init)) throw new TypeError(`${name}: the init is not an object`);
  const mark: unknown = ReflectGet(init, 'highWaterMark');
  if (mark === undefined) throw new TypeError(`${name}: highWaterMark is required`);
  return toNumber(mark);
}

/** https://streams.spec.whatwg.org/#blqs-class */
export class ByteLengthQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: unknown) {
    requireArguments(arguments.length, 1, 'ByteLengthQueuingStrategy');
    this.#highWaterMark = requiredMark(init, 'ByteLengthQueuingStrategy');
  }

  get highWaterMark(): number {
    return this.#highWaterMark;
  }

  get size(): (chunk: unknown) => unknown {
    void this.#highWaterMark;
    return byteLengthSize;
  }

  static {
    defineInterface(this, 'ByteLengthQueuingStrategy');
  }
}

/** https://streams.spec.whatwg.org/#cqs-class */
export class CountQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: unknown) {
    requireArguments(arguments.length, 1, 'CountQueuingStrategy');
    this.#highWaterMark = requiredMark(init, 'CountQueuingStrategy');
  }

  get highWaterMark(): number {
    return this.#highWaterMark;
  }

  get size(): () => number {
    void this.#highWaterMark;
    return countSize;
  }

  static {
    defineInterface(this, 'CountQueuingStrategy');
  }
}

// As the standard's GetV: works on primitive values, too, and throws on undefined and null.
const byteLengthSize = (chunk: unknown): unknown => (chunk as { byteLength: unknown }).byteLength;
const countSize = (): number => 1;
ObjectDefineProperty(byteLengthSize, 'name', { __proto__: null, value: 'size' } as object);
ObjectDefineProperty(countSize, 'name', { __proto__: null, value: 'size' } as object);

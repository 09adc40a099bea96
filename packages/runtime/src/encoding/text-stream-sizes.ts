import type { TransformSizes } from '../streams/transform-state.ts';

/** As https://streams.spec.whatwg.org/#transformstream-set-up has them. */
export const textStreamSizes: TransformSizes = {
  writableHighWaterMark: 1,
  writableSize: undefined,
  readableHighWaterMark: 0,
  readableSize: undefined,
};

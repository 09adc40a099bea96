import { TypedArrayPrototypeByteLength, TypeError } from '../primordials.ts';
import { viewBytes } from '../webidl/buffer-source.ts';
import { toBufferSource } from './arguments.ts';

/** Whether the bytes are the same; TypeError when the lengths differ. */
export function timingSafeEqual(a: unknown, b: unknown): boolean {
  const left = viewBytes(toBufferSource(a, 'The first argument'));
  const right = viewBytes(toBufferSource(b, 'The second argument'));
  const length = TypedArrayPrototypeByteLength(left);
  if (length !== TypedArrayPrototypeByteLength(right)) {
    throw new TypeError('Input buffers must have the same byte length');
  }
  let difference = 0;
  for (let i = 0; i < length; i += 1) difference |= (left[i] ?? 0) ^ (right[i] ?? 0);
  return difference === 0;
}

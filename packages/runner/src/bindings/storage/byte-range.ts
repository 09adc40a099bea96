import { EgressRefusal } from '../../egress/egress-refusal.ts';
import type { ByteRange } from './object-store.ts';

/**
 * Which bytes of an object a range means.
 *
 * @throws EgressRefusal when there are none of them
 */
export function resolveRange(
  range: ByteRange | undefined,
  sizeBytes: number,
): { offset: number; length: number } {
  if (range === undefined) return { offset: 0, length: sizeBytes };
  if (range.suffix !== null) {
    const length = Math.min(range.suffix, sizeBytes);
    return { offset: sizeBytes - length, length };
  }
  const offset = range.offset ?? 0;
  if (offset > 0 && offset >= sizeBytes) throw new EgressRefusal('The range is not satisfiable');
  return { offset, length: Math.min(range.length ?? Infinity, sizeBytes - offset) };
}

/** A whole number from 0 up, as ids, sizes and counts of an isolate must be. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

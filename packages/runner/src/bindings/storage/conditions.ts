import type { Conditions, StoredObject } from './object-store.ts';

/** Whether what is there, or is not there, is what the caller wants it to be. */
export function meetsConditions(
  object: Pick<StoredObject, 'etag' | 'uploadedMs'> | undefined,
  conditions: Conditions | undefined,
): boolean {
  if (conditions === undefined) return true;
  const { etagMatches, etagDoesNotMatch, uploadedBeforeMs, uploadedAfterMs } = conditions;
  if (object === undefined) return etagMatches === null;
  const has = (tags: readonly string[]): boolean =>
    tags.includes('*') || tags.includes(object.etag);
  const at = (ms: number): number => (conditions.secondsGranularity ? Math.floor(ms / 1000) : ms);
  // RFC 9110, 13.2.2: a condition on the tag makes the one on the time void.
  if (etagMatches !== null) {
    if (!has(etagMatches)) return false;
  } else if (uploadedBeforeMs !== null && at(object.uploadedMs) >= at(uploadedBeforeMs)) {
    return false;
  }
  if (etagDoesNotMatch !== null) return !has(etagDoesNotMatch);
  return uploadedAfterMs === null || at(object.uploadedMs) > at(uploadedAfterMs);
}

import { platformLimits } from '@openworkers/core/limits';

const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Horizontal tab, visible ASCII, space, and the bytes above (as Latin-1); no other control character. */
// oxlint-disable-next-line no-control-regex -- the tab is allowed
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * What is wrong with response headers in the flat form of `flattenHeaders`, or undefined. They come
 * from an isolate: a line break let through here would be a second response on the wire.
 */
export function headersProblem(flat: string): string | undefined {
  if (flat === '') return undefined;
  if (flat.length > platformLimits.headerBytes.tenant) return 'response headers are too large';
  const parts = flat.split('\n');
  if (parts.length % 2 !== 0) return 'response headers are malformed';
  if (parts.length / 2 > platformLimits.headerCount.tenant) return 'too many response headers';
  for (const [index, part] of parts.entries()) {
    const pattern = index % 2 === 0 ? namePattern : valuePattern;
    if (!pattern.test(part)) return 'response headers contain a character that is not allowed';
  }
  return undefined;
}

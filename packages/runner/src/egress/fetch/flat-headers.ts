import { platformLimits } from '@openworkers/core';

const mostLines = platformLimits.headerCount.tenant;
const lineBreak = /[\0\r\n]/;
const notLatin1 = /[^\t\x20-\x7e\x80-\xff]/g;

/**
 * The raw header list of a response, flat (see `flattenHeaders` in `@openworkers/runtime`).
 * Undefined when a line break is in it, because nobody after this checks again, or when there are
 * more lines than any response needs.
 */
export function flatHeaders(raw: unknown): string | undefined {
  if (!Array.isArray(raw)) return '';
  if (raw.length > mostLines * 2) return undefined;
  const parts = raw.map((part: unknown) =>
    part instanceof Buffer ? part.toString('latin1') : String(part),
  );
  return parts.some((part) => lineBreak.test(part)) ? undefined : parts.join('\n');
}

/** The text without what a reason phrase cannot have. */
export function latin1(text: string): string {
  return text.replaceAll(notLatin1, '');
}

import type { ContentCoding } from './body-decoder.ts';

const known: ReadonlyMap<string, ContentCoding> = new Map<string, ContentCoding>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
]);

/** More than that on one body is an attack on whoever undoes them. */
const mostCodings = 3;

/**
 * The codings of a body in the order in which they were applied; undefined when they cannot be
 * undone here, and the body is handed on as it is.
 */
export function contentCodings(flatHeaders: string): readonly ContentCoding[] | undefined {
  const names = valuesOf(flatHeaders, 'content-encoding')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  const codings = names.flatMap((name) => known.get(name) ?? []);
  const isKnown = codings.length === names.length && codings.length <= mostCodings;
  return isKnown && codings.length > 0 ? codings : undefined;
}

/** Without what is not true of the decoded body. */
export function withoutCodings(flatHeaders: string): string {
  return keep(flatHeaders, (name) => name !== 'content-encoding' && name !== 'content-length');
}

function valuesOf(flat: string, wanted: string): string[] {
  const parts = flat.split('\n');
  return parts.filter((_, at) => at % 2 === 1 && parts[at - 1]?.toLowerCase() === wanted);
}

function keep(flat: string, isKept: (name: string) => boolean): string {
  const parts = flat.split('\n');
  const kept: string[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const name = parts[at] ?? '';
    if (isKept(name.toLowerCase())) kept.push(name, parts[at + 1] ?? '');
  }
  return kept.join('\n');
}

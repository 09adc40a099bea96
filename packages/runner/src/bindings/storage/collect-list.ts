import type { ListOptions, ObjectList, StoredObject } from './object-store.ts';

/** Behind a prefix, it is above every key that has it: no key has more than 1 024 bytes. */
export const greatest = '\u{10ffff}'.repeat(257);

/**
 * One page of a list, from a function that finds objects in the order of their keys. What a delimiter
 * folds is jumped over, not read.
 */
export function collectList(
  { prefix, delimiter, after, limit }: ListOptions,
  find: (query: Pick<ListOptions, 'prefix' | 'after' | 'limit'>) => StoredObject[],
): ObjectList {
  const objects: StoredObject[] = [];
  const prefixes: string[] = [];
  let position = after;
  for (;;) {
    const room = limit - objects.length - prefixes.length;
    const found = find({ prefix, after: position, limit: room + 1 });
    let hasJumped = false;
    for (const object of found) {
      if (objects.length + prefixes.length === limit) return { objects, prefixes, next: position };
      const folded = foldedPrefix(object.key, prefix, delimiter);
      hasJumped = folded !== undefined;
      if (folded === undefined) objects.push(object);
      else prefixes.push(folded);
      position = folded === undefined ? object.key : `${folded}${greatest}`;
      if (hasJumped) break;
    }
    if (!hasJumped) return { objects, prefixes, next: undefined };
  }
}

function foldedPrefix(
  key: string,
  prefix: string,
  delimiter: string | undefined,
): string | undefined {
  if (delimiter === undefined) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

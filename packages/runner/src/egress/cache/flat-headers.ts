/** Values by lower-case name, those of one name combined. */
export type HeaderMap = ReadonlyMap<string, string>;

/** Reads headers as they cross the boundary of an isolate: `name\nvalue\nname\nvalue…`. */
export function combinedHeaders(flat: string): HeaderMap {
  const map = new Map<string, string>();
  for (const [name, value] of headerPairs(flat)) {
    const before = map.get(name);
    map.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return map;
}

/** Names in lower case, in order. */
export function headerPairs(flat: string): (readonly [name: string, value: string])[] {
  if (flat === '') return [];
  const parts = flat.split('\n');
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    pairs.push([(parts[at] ?? '').toLowerCase(), parts[at + 1] ?? '']);
  }
  return pairs;
}

/** The other way round. */
export function flatten(pairs: readonly (readonly [name: string, value: string])[]): string {
  return pairs.map(([name, value]) => `${name}\n${value}`).join('\n');
}

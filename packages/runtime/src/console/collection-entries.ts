import {
  MapPrototypeForEach,
  MapPrototypeSize,
  newList,
  SetPrototypeForEach,
  SetPrototypeSize,
} from '../primordials.ts';
import type { List } from '../primordials.ts';

interface Entry {
  readonly key: unknown;
  readonly value: unknown;
  readonly hasValue: boolean;
}

export interface Entries {
  /** At most as many as asked for. */
  readonly items: List<Entry>;
  readonly size: number;
}

/** What a Map or a Set holds; undefined for anything else. */
export function entriesOf(value: object, limit: number): Entries | undefined {
  const items = newList<Entry>();
  if (isMap(value)) {
    MapPrototypeForEach(value, (held, key) => {
      if (items.length < limit) items[items.length] = { key, value: held, hasValue: true };
    });
    return { items, size: MapPrototypeSize(value) };
  }
  if (!isSet(value)) return undefined;
  SetPrototypeForEach(value, (key) => {
    if (items.length < limit) items[items.length] = { key, value: undefined, hasValue: false };
  });
  return { items, size: SetPrototypeSize(value) };
}

function isMap(value: object): boolean {
  try {
    MapPrototypeSize(value);
    return true;
  } catch {
    return false;
  }
}

function isSet(value: object): boolean {
  try {
    SetPrototypeSize(value);
    return true;
  } catch {
    return false;
  }
}

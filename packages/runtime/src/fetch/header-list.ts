import {
  ArrayPrototypeSort,
  listToArray,
  newList,
  StringPrototypeSplit,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { isObject } from '../webidl/convert.ts';

type Pair = readonly [name: string, value: string];

/**
 * Names (lower case) and values in order, without validation. A list that came in flat (see
 * `flattenHeaders`) stays so until somebody looks: most workers read no header.
 */
export class HeaderList {
  #flat: string | undefined;
  #names: List<string> | undefined;
  #values: List<string> | undefined;
  #sorted: List<Pair> | undefined;

  /** Whether worker code may change it; the list itself does not check. */
  readonly isImmutable: boolean;

  constructor(flat: string, isImmutable: boolean) {
    this.#flat = flat;
    this.isImmutable = isImmutable;
  }

  /** Unlike `instanceof`, this runs no trap of a proxy. */
  static is(value: unknown): value is HeaderList {
    return isObject(value) && #flat in value;
  }

  get(name: string): string | undefined {
    const names = this.#read();
    const values = this.#values ?? newList<string>();
    let combined: string | undefined;
    for (let i = 0; i < names.length; i += 1) {
      if (names[i] !== name) continue;
      const value = values[i] ?? '';
      combined = combined === undefined ? value : `${combined}, ${value}`;
    }
    return combined;
  }

  /** All values of the name, not combined. */
  getAll(name: string): string[] {
    const names = this.#read();
    const values = this.#values ?? newList<string>();
    const found = newList<string>();
    for (let i = 0; i < names.length; i += 1) {
      if (names[i] === name) found[found.length] = values[i] ?? '';
    }
    return listToArray(found);
  }

  has(name: string): boolean {
    const names = this.#read();
    for (let i = 0; i < names.length; i += 1) if (names[i] === name) return true;
    return false;
  }

  append(name: string, value: string): void {
    const names = this.#write();
    const values = (this.#values ??= newList());
    names[names.length] = name;
    values[values.length] = value;
  }

  /** Replaces the first of that name and removes the others, or appends. */
  set(name: string, value: string): void {
    const names = this.#write();
    const values = (this.#values ??= newList());
    for (let i = 0; i < names.length; i += 1) {
      if (names[i] !== name) continue;
      values[i] = value;
      this.#removeFrom(i + 1, name);
      return;
    }
    names[names.length] = name;
    values[values.length] = value;
  }

  delete(name: string): void {
    this.#write();
    this.#removeFrom(0, name);
  }

  /** By name, values of one name combined, except those of `set-cookie`. */
  sorted(): List<Pair> {
    if (this.#sorted !== undefined) return this.#sorted;
    const names = this.#read();
    const values = this.#values ?? newList<string>();
    const order = newList<number>();
    for (let i = 0; i < names.length; i += 1) order[i] = i;
    ArrayPrototypeSort(order, (a, b) => compare(names[a] ?? '', names[b] ?? '') || a - b);
    const pairs = newList<Pair>();
    for (let i = 0; i < order.length; i += 1) {
      const at = order[i] ?? 0;
      const name = names[at] ?? '';
      const value = values[at] ?? '';
      const last = pairs[pairs.length - 1];
      if (last === undefined || last[0] !== name || name === 'set-cookie') {
        pairs[pairs.length] = [name, value];
      } else pairs[pairs.length - 1] = [name, `${last[1]}, ${value}`];
    }
    this.#sorted = pairs;
    return pairs;
  }

  /** A list of its own with the same content, and as changeable. */
  clone(): HeaderList {
    return new HeaderList(this.toFlat(), this.isImmutable);
  }

  /** A list of its own with the same content, free to be changed. */
  copy(): HeaderList {
    return new HeaderList(this.toFlat(), false);
  }

  toFlat(): string {
    if (this.#flat !== undefined) return this.#flat;
    const names = this.#read();
    const values = this.#values ?? newList<string>();
    let flat = '';
    for (let i = 0; i < names.length; i += 1) {
      flat += i === 0 ? `${names[i]}\n${values[i]}` : `\n${names[i]}\n${values[i]}`;
    }
    this.#flat = flat;
    return flat;
  }

  #removeFrom(start: number, name: string): void {
    const names = this.#read();
    const values = this.#values ?? newList<string>();
    let kept = start;
    for (let i = start; i < names.length; i += 1) {
      if (names[i] === name) continue;
      names[kept] = names[i] ?? '';
      values[kept] = values[i] ?? '';
      kept += 1;
    }
    names.length = kept;
    values.length = kept;
  }

  #write(): List<string> {
    const names = this.#read();
    this.#flat = undefined;
    this.#sorted = undefined;
    return names;
  }

  #read(): List<string> {
    if (this.#names !== undefined) return this.#names;
    const names = newList<string>();
    const values = newList<string>();
    if (this.#flat !== undefined && this.#flat !== '') {
      const parts = StringPrototypeSplit(this.#flat, '\n');
      for (let i = 0; i < parts.length; i += 2) {
        names[names.length] = StringPrototypeToLowerCase(parts[i] ?? '');
        values[values.length] = parts[i + 1] ?? '';
      }
    }
    this.#names = names;
    this.#values = values;
    return names;
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

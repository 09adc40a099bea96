import { currentLifetime, forEver, type Lifetime } from '../dispatch/services.ts';
import { domExceptionModule } from '../lazy/lazy-modules.ts';
import { listToArray, newList, type List } from '../primordials.ts';
import { entryPartsOf, type PerformanceEntry } from './performance-entry.ts';

/** Marks and measures that an isolate keeps at a time. */
const mostEntries = 10_000;

interface Kept {
  readonly entry: PerformanceEntry;
  readonly lifetime: Lifetime;
}

/** Which entries are wanted; undefined is any. */
interface Wanted {
  readonly name: string | undefined;
  readonly type: string | undefined;
}

/**
 * The marks and measures of an isolate. Each event sees its own and those of the start-up: what a
 * request leaves behind is gone with it.
 */
export class Timeline {
  #kept = newList<Kept>();

  /** @throws DOMException `QuotaExceededError` when there are too many */
  add(entry: PerformanceEntry): void {
    if (this.#kept.length >= mostEntries) this.#keep(({ lifetime }) => !lifetime.isOver);
    if (this.#kept.length >= mostEntries) {
      const { QuotaExceededError } = domExceptionModule.value;
      throw new QuotaExceededError(`There are ${mostEntries} performance entries already`);
    }
    this.#kept[this.#kept.length] = { entry, lifetime: currentLifetime() };
  }

  /** In the order of their start times. */
  find(wanted: Wanted): PerformanceEntry[] {
    const found = newList<PerformanceEntry>();
    const lifetime = currentLifetime();
    for (let i = 0; i < this.#kept.length; i += 1) {
      const kept = this.#kept[i];
      if (kept !== undefined && isVisible(kept, lifetime) && isWanted(kept, wanted)) {
        insert(found, kept.entry);
      }
    }
    return listToArray(found);
  }

  /** When the latest mark of the name was set. */
  latestMark(name: string): number | undefined {
    const lifetime = currentLifetime();
    for (let i = this.#kept.length - 1; i >= 0; i -= 1) {
      const kept = this.#kept[i];
      if (kept === undefined || !isVisible(kept, lifetime)) continue;
      if (isWanted(kept, { name, type: 'mark' })) return entryPartsOf(kept.entry).startTime;
    }
    return undefined;
  }

  clear(wanted: Wanted): void {
    const lifetime = currentLifetime();
    this.#keep((kept) => !isVisible(kept, lifetime) || !isWanted(kept, wanted));
  }

  #keep(isKept: (kept: Kept) => boolean): void {
    const rest = newList<Kept>();
    for (let i = 0; i < this.#kept.length; i += 1) {
      const kept = this.#kept[i];
      if (kept !== undefined && isKept(kept)) rest[rest.length] = kept;
    }
    this.#kept = rest;
  }
}

function isVisible({ lifetime }: Kept, current: Lifetime): boolean {
  return lifetime === current || lifetime === forEver;
}

function isWanted({ entry }: Kept, wanted: Wanted): boolean {
  const parts = entryPartsOf(entry);
  const { name = parts.name, type = parts.entryType } = wanted;
  return parts.name === name && parts.entryType === type;
}

/** Behind those that began before or with it. */
function insert(entries: List<PerformanceEntry>, entry: PerformanceEntry): void {
  const { startTime } = entryPartsOf(entry);
  let at = entries.length;
  for (; at > 0; at -= 1) {
    const before = entries[at - 1];
    if (before === undefined || entryPartsOf(before).startTime <= startTime) break;
    entries[at] = before;
  }
  entries[at] = entry;
}

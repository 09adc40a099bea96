/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { EntryParts, entryPartsOf, PerformanceEntry } from './performance-entry.ts';

/** https://w3c.github.io/user-timing/#performancemeasure */
export class PerformanceMeasure extends PerformanceEntry {
  readonly #detail: unknown;

  /** @param parts Worker code cannot have them. */
  constructor(parts: unknown = undefined, detail: unknown = undefined) {
    if (!(parts instanceof EntryParts)) throw new TypeError('Illegal constructor');
    super(parts);
    this.#detail = detail;
  }

  get detail(): unknown {
    return this.#detail;
  }

  override toJSON(): object {
    const detail = this.#detail;
    const { name, entryType, startTime, duration } = entryPartsOf(this);
    return { name, entryType, startTime, duration, detail };
  }

  static {
    defineInterface(this, 'PerformanceMeasure');
  }
}

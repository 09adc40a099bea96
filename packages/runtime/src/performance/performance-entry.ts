/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { defineInterface } from '../webidl/define-interface.ts';

/** What the runtime's own entries are made of; worker code cannot have one. */
export class EntryParts {
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly duration: number;

  constructor(name: string, entryType: string, startTime: number, duration: number) {
    this.name = name;
    this.entryType = entryType;
    this.startTime = startTime;
    this.duration = duration;
  }
}

let entryPartsOf: (entry: PerformanceEntry) => EntryParts;

/** https://w3c.github.io/performance-timeline/#the-performanceentry-interface */
export class PerformanceEntry {
  readonly #parts: EntryParts;

  /** @param parts Worker code cannot have them. */
  constructor(parts: unknown = undefined) {
    if (!(parts instanceof EntryParts)) throw new TypeError('Illegal constructor');
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  get entryType(): string {
    return this.#parts.entryType;
  }

  get startTime(): number {
    return this.#parts.startTime;
  }

  get duration(): number {
    return this.#parts.duration;
  }

  toJSON(): object {
    const { name, entryType, startTime, duration } = this.#parts;
    return { name, entryType, startTime, duration };
  }

  static {
    entryPartsOf = (entry) => entry.#parts;
    defineInterface(this, 'PerformanceEntry');
  }
}

export { entryPartsOf };

/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { structuredCloneModule } from '../lazy/lazy-modules.ts';
import { TypeError } from '../primordials.ts';
import { requireArguments, toDictionary, toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { elapsedMs } from './clock.ts';
import { EntryParts, entryPartsOf, PerformanceEntry } from './performance-entry.ts';
import { toTimestamp } from './timestamp.ts';

/** https://w3c.github.io/user-timing/#performancemark */
export class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(markName: unknown, markOptions: unknown = undefined) {
    requireArguments(arguments.length, 1, 'PerformanceMark constructor');
    const name = toDomString(markName);
    const options = toDictionary<'detail' | 'startTime'>(markOptions, 'PerformanceMark');
    const { detail } = options;
    const given = options.startTime;
    const startTime = given === undefined ? elapsedMs() : toTimestamp(given);
    if (startTime < 0) throw new TypeError('startTime is negative');
    super(new EntryParts(name, 'mark', startTime, 0));
    this.#detail = cloneDetail(detail);
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
    defineInterface(this, 'PerformanceMark');
  }
}

/** What entries keep of a detail: a clone, or null when there is none. */
export function cloneDetail(detail: unknown): unknown {
  if (detail === undefined || detail === null) return null;
  return structuredCloneModule.value.structuredClone(detail);
}

/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { bootTimeMs } from '../dispatch/host.ts';
import { EventTarget } from '../events/event-target.ts';
import { TypeError } from '../primordials.ts';
import { requireArguments, toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { elapsedMs } from './clock.ts';
import { createMeasure } from './measure.ts';
import type { PerformanceEntry } from './performance-entry.ts';
import { PerformanceMark } from './performance-mark.ts';
import type { PerformanceMeasure } from './performance-measure.ts';
import { Timeline } from './timeline.ts';

const internal = {};

/**
 * https://w3c.github.io/hr-time/#sec-performance, with user timing; the clock has whole milliseconds.
 */
export class Performance extends EventTarget {
  readonly #timeOrigin = bootTimeMs;
  readonly #timeline = new Timeline();

  /** @param token Worker code cannot have it. */
  constructor(token: unknown = undefined) {
    super();
    if (token !== internal) throw new TypeError('Illegal constructor');
  }

  get timeOrigin(): number {
    return this.#timeOrigin;
  }

  now(): number {
    void this.#timeOrigin;
    return elapsedMs();
  }

  mark(name: unknown, options: unknown = undefined): PerformanceMark {
    const timeline = this.#timeline;
    requireArguments(arguments.length, 1, 'Performance.mark');
    const mark = new PerformanceMark(name, options);
    timeline.add(mark);
    return mark;
  }

  measure(
    name: unknown,
    startOrOptions: unknown = undefined,
    endMark: unknown = undefined,
  ): PerformanceMeasure {
    const timeline = this.#timeline;
    requireArguments(arguments.length, 1, 'Performance.measure');
    const measure = createMeasure(timeline, toDomString(name), startOrOptions, endMark);
    timeline.add(measure);
    return measure;
  }

  clearMarks(name: unknown = undefined): void {
    this.#timeline.clear({ name: toOptionalString(name), type: 'mark' });
  }

  clearMeasures(name: unknown = undefined): void {
    this.#timeline.clear({ name: toOptionalString(name), type: 'measure' });
  }

  getEntries(): PerformanceEntry[] {
    return this.#timeline.find({ name: undefined, type: undefined });
  }

  getEntriesByType(type: unknown): PerformanceEntry[] {
    const timeline = this.#timeline;
    requireArguments(arguments.length, 1, 'Performance.getEntriesByType');
    return timeline.find({ name: undefined, type: toDomString(type) });
  }

  getEntriesByName(name: unknown, type: unknown = undefined): PerformanceEntry[] {
    const timeline = this.#timeline;
    requireArguments(arguments.length, 1, 'Performance.getEntriesByName');
    return timeline.find({ name: toDomString(name), type: toOptionalString(type) });
  }

  toJSON(): object {
    return { timeOrigin: this.#timeOrigin };
  }

  static {
    defineInterface(this, 'Performance');
  }
}

function toOptionalString(value: unknown): string | undefined {
  return value === undefined ? undefined : toDomString(value);
}

export function createPerformance(): Performance {
  return new Performance(internal);
}

import { domExceptionModule } from '../lazy/lazy-modules.ts';
import { TypeError } from '../primordials.ts';
import { isObject, toDictionary, toDomString } from '../webidl/convert.ts';
import { elapsedMs } from './clock.ts';
import { EntryParts } from './performance-entry.ts';
import { cloneDetail } from './performance-mark.ts';
import { PerformanceMeasure } from './performance-measure.ts';
import type { Timeline } from './timeline.ts';
import { toTimestamp } from './timestamp.ts';

type Time = string | number | undefined;

interface Span {
  readonly start: Time;
  readonly end: Time;
  readonly duration: number | undefined;
  readonly detail: unknown;
}

/** https://w3c.github.io/user-timing/#measure-method; the arguments as they were given. */
export function createMeasure(
  timeline: Timeline,
  name: string,
  startOrOptions: unknown,
  endMark: unknown,
): PerformanceMeasure {
  const given = endMark === undefined ? undefined : toDomString(endMark);
  const span = toSpan(startOrOptions, given);
  const endTime = endOf(timeline, span);
  const startTime = startOf(timeline, span);
  const parts = new EntryParts(name, 'measure', startTime, endTime - startTime);
  return new PerformanceMeasure(parts, cloneDetail(span.detail));
}

function toSpan(startOrOptions: unknown, endMark: string | undefined): Span {
  if (startOrOptions !== undefined && startOrOptions !== null && !isObject(startOrOptions)) {
    const start = toDomString(startOrOptions);
    return { start, end: endMark, duration: undefined, detail: undefined };
  }
  const options = toDictionary<'detail' | 'duration' | 'end' | 'start'>(startOrOptions, 'measure');
  const { detail } = options;
  const duration = options.duration === undefined ? undefined : toTimestamp(options.duration);
  const end = toTime(options.end);
  const start = toTime(options.start);
  const isEmpty =
    detail === undefined && duration === undefined && end === undefined && start === undefined;
  if (isEmpty) return { start, end: endMark, duration, detail };
  if (endMark !== undefined) throw new TypeError('measure: an end mark beside options');
  if (start === undefined && end === undefined) {
    throw new TypeError('measure: the options have neither start nor end');
  }
  if (start !== undefined && end !== undefined && duration !== undefined) {
    throw new TypeError('measure: the options have start, end and duration');
  }
  return { start, end, duration, detail };
}

/** WebIDL's `(DOMString or DOMHighResTimeStamp)`. */
function toTime(value: unknown): Time {
  if (value === undefined) return undefined;
  return typeof value === 'number' ? toTimestamp(value) : toDomString(value);
}

function endOf(timeline: Timeline, { start, end, duration }: Span): number {
  if (end !== undefined) return timestampOf(timeline, end);
  if (start === undefined || duration === undefined) return elapsedMs();
  return timestampOf(timeline, start) + duration;
}

function startOf(timeline: Timeline, { start, end, duration }: Span): number {
  if (start !== undefined) return timestampOf(timeline, start);
  if (end === undefined || duration === undefined) return 0;
  return timestampOf(timeline, end) - duration;
}

/** https://w3c.github.io/user-timing/#convert-a-mark-to-a-timestamp */
function timestampOf(timeline: Timeline, time: string | number): number {
  if (typeof time === 'number') {
    if (time < 0) throw new TypeError('measure: a time is negative');
    return time;
  }
  const mark = timeline.latestMark(time);
  if (mark !== undefined) return mark;
  const { DOMException } = domExceptionModule.value;
  throw new DOMException(`There is no mark named ${time}`, 'SyntaxError');
}

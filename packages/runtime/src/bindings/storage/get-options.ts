import { HeaderList } from '../../fetch/header-list.ts';
import { fillHeaders, isHeaders } from '../../fetch/headers.ts';
import {
  ArrayIsArray,
  Date,
  DatePrototypeGetTime,
  listToArray,
  newList,
  ReflectGet,
  RegExpPrototypeExec,
  StringPrototypeSlice,
  TypeError,
} from '../../primordials.ts';
import { isObject, toBoolean, toNumber, toUsvString } from '../../webidl/convert.ts';
import type { RangeQuestion } from './storage-calls.ts';
import { isAbsent, toCount } from './storage-values.ts';

/** An `R2Range`, or a Headers with `Range`. */
export function toRange(given: unknown): RangeQuestion | null {
  if (isAbsent(given)) return null;
  if (!isObject(given)) throw new TypeError('range is not an object');
  if (isHeaders(given)) return rangeOfHeader(listOf(given).get('range'));
  const read = (name: string): number | null => {
    const value: unknown = ReflectGet(given, name);
    return isAbsent(value) ? null : toCount(value, name);
  };
  const range = { offset: read('offset'), length: read('length'), suffix: read('suffix') };
  if (range.suffix !== null && (range.offset !== null || range.length !== null)) {
    throw new TypeError('A range has a suffix, or an offset and a length');
  }
  return range;
}

const rangeShape = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** A header that makes no sense is none, as in HTTP. */
function rangeOfHeader(header: string | undefined): RangeQuestion | null {
  const match = header === undefined ? null : RegExpPrototypeExec(rangeShape, header);
  if (match === null) return null;
  const first = match[1] ?? '';
  const last = match[2] ?? '';
  if (first === '') {
    return last === '' ? null : { offset: null, length: null, suffix: toNumber(last) };
  }
  const offset = toNumber(first);
  if (last === '') return { offset, length: null, suffix: null };
  const length = toNumber(last) - offset + 1;
  return length > 0 ? { offset, length, suffix: null } : null;
}

/** An `R2Conditional`, or a Headers with `If-Match` and its like. */
export function toConditions(given: unknown): object | null {
  if (isAbsent(given)) return null;
  if (!isObject(given)) throw new TypeError('onlyIf is not an object');
  if (isHeaders(given)) {
    const headers = listOf(given);
    return {
      etagMatches: tagsOfHeader(headers.get('if-match')),
      etagDoesNotMatch: tagsOfHeader(headers.get('if-none-match')),
      uploadedBeforeMs: timeOfHeader(headers.get('if-unmodified-since')),
      uploadedAfterMs: timeOfHeader(headers.get('if-modified-since')),
      secondsGranularity: true,
    };
  }
  return {
    etagMatches: toTags(ReflectGet(given, 'etagMatches')),
    etagDoesNotMatch: toTags(ReflectGet(given, 'etagDoesNotMatch')),
    uploadedBeforeMs: toTime(ReflectGet(given, 'uploadedBefore')),
    uploadedAfterMs: toTime(ReflectGet(given, 'uploadedAfter')),
    secondsGranularity: toBoolean(ReflectGet(given, 'secondsGranularity')),
  };
}

export function listOf(headers: object): HeaderList {
  const list = new HeaderList('', false);
  fillHeaders(list, headers);
  return list;
}

function toTags(given: unknown): string[] | null {
  if (isAbsent(given)) return null;
  const tags = newList<string>();
  if (ArrayIsArray(given)) {
    for (let i = 0; i < given.length; i += 1) tags[i] = toUsvString(given[i]);
  } else tags[0] = toUsvString(given);
  return listToArray(tags);
}

const tagShape = /^\s*,?\s*(?:W\/)?(?:"([^"]*)"|(\*))/;

function tagsOfHeader(header: string | undefined): string[] | null {
  if (header === undefined) return null;
  const tags = newList<string>();
  let rest = header;
  for (;;) {
    const match = RegExpPrototypeExec(tagShape, rest);
    if (match === null) return listToArray(tags);
    tags[tags.length] = match[1] ?? match[2] ?? '';
    rest = StringPrototypeSlice(rest, (match[0] ?? '').length);
  }
}

function timeOfHeader(header: string | undefined): number | null {
  return header === undefined ? null : toTime(new Date(header));
}

function toTime(given: unknown): number | null {
  if (isAbsent(given)) return null;
  if (!isObject(given)) throw new TypeError('A time of onlyIf is not a Date');
  const time = DatePrototypeGetTime(given);
  // An invalid date is no condition.
  return time >= 0 || time < 0 ? time : null;
}

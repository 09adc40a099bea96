import {
  ArrayIsArray,
  newList,
  ObjectHasOwn,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  StringPrototypePadEnd,
  StringPrototypeRepeat,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { isObject } from '../webidl/convert.ts';
import { describeKey } from './describe.ts';
import { inspect } from './inspect.ts';

const maxRows = 100;
const maxColumns = 20;
const cellBudget = 200;
const indexColumn = '(index)';
const valueColumn = 'Values';

/** A table of the rows of an object or array; undefined when the data has no rows. */
export function formatTable(data: unknown, wanted: unknown): string | undefined {
  if (!isObject(data)) return undefined;
  const columns: List<string> = newList();
  columns[0] = indexColumn;
  const isFiltered = ArrayIsArray(wanted);
  if (isFiltered) {
    for (let i = 0; i < wanted.length; i += 1) columns[columns.length] = keyText(wanted[i]);
  }
  const rows: List<List<string>> = newList();
  const keys = ownKeys(data);
  for (let i = 0; i < keys.length && rows.length < maxRows; i += 1) {
    const key = keys[i] ?? '';
    rows[rows.length] = rowOf(key, valueAt(data, key), columns, isFiltered);
  }
  return draw(columns, rows);
}

function rowOf(
  key: string,
  value: unknown,
  columns: List<string>,
  isFiltered: boolean,
): List<string> {
  const row: List<string> = newList();
  row[0] = key;
  if (!isObject(value)) {
    row[columnAt(columns, valueColumn, true)] = inspect(value, cellBudget);
    return row;
  }
  const keys = ownKeys(value);
  for (let i = 0; i < keys.length; i += 1) {
    const at = columnAt(columns, keys[i] ?? '', !isFiltered);
    if (at > 0) row[at] = inspect(valueAt(value, keys[i] ?? ''), cellBudget);
  }
  return row;
}

/** -1 when there is no such column and none may be added. */
function columnAt(columns: List<string>, name: string, mayAdd: boolean): number {
  for (let i = 1; i < columns.length; i += 1) if (columns[i] === name) return i;
  if (!mayAdd || columns.length > maxColumns) return -1;
  columns[columns.length] = name;
  return columns.length - 1;
}

function draw(columns: List<string>, rows: List<List<string>>): string {
  const widths: List<number> = newList();
  for (let c = 0; c < columns.length; c += 1) {
    let width = columns[c]?.length ?? 0;
    for (let r = 0; r < rows.length; r += 1) {
      const length = rows[r]?.[c]?.length ?? 0;
      if (length > width) width = length;
    }
    widths[c] = width;
  }
  let text = `${rule(widths)}\n${line(columns, widths)}\n${rule(widths)}`;
  for (let r = 0; r < rows.length; r += 1) text += `\n${line(rows[r] ?? newList(), widths)}`;
  return `${text}\n${rule(widths)}`;
}

/** ASCII, as one other character would double the size of the runtime's source in memory. */
function rule(widths: List<number>): string {
  let text = '+';
  for (let c = 0; c < widths.length; c += 1) {
    text += `${StringPrototypeRepeat('-', (widths[c] ?? 0) + 2)}+`;
  }
  return text;
}

function line(cells: List<string>, widths: List<number>): string {
  let text = '|';
  for (let c = 0; c < widths.length; c += 1) {
    text += ` ${StringPrototypePadEnd(cells[c] ?? '', widths[c] ?? 0)} |`;
  }
  return text;
}

function ownKeys(value: object): List<string> {
  const keys = ReflectOwnKeys(value);
  const names: List<string> = newList();
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    if (typeof key !== 'string') continue;
    const isEnumerable = ReflectGetOwnPropertyDescriptor(value, key)?.enumerable === true;
    if (isEnumerable) names[names.length] = key;
  }
  return names;
}

function valueAt(value: object, key: string): unknown {
  const descriptor = ReflectGetOwnPropertyDescriptor(value, key);
  // An accessor's descriptor has no value of its own.
  return descriptor !== undefined && ObjectHasOwn(descriptor, 'value')
    ? descriptor.value
    : undefined;
}

function keyText(value: unknown): string {
  return typeof value === 'symbol' ? describeKey(value) : `${value as string}`;
}

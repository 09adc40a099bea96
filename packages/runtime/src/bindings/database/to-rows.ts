import { listToArray, newList, Object } from '../../primordials.ts';
import { defineOwn } from '../../structured-clone/define-property.ts';
import { fromText } from './from-text.ts';
import type { SqlResult } from './run-sql.ts';

/** The rows as objects; of columns with the same name the last one counts. */
export function toObjects({ columns, rows }: SqlResult): object[] {
  const prototype: object = Object.prototype;
  const objects = newList<object>();
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i];
    const object = {};
    for (let j = 0; columns !== null && j < columns.length; j += 1) {
      const column = columns[j];
      if (column === undefined) continue;
      defineOwn(object, prototype, column.name, fromText(row?.[j] ?? null, column));
    }
    objects[i] = object;
  }
  return listToArray(objects);
}

/** The rows as arrays, in the order of the columns. */
export function toArrays({ columns, rows }: SqlResult): unknown[][] {
  const arrays = newList<unknown[]>();
  for (let i = 0; i < rows.length; i += 1) {
    const values = newList<unknown>();
    for (let j = 0; columns !== null && j < columns.length; j += 1) {
      const column = columns[j];
      if (column !== undefined) values[j] = fromText(rows[i]?.[j] ?? null, column);
    }
    arrays[i] = listToArray(values);
  }
  return listToArray(arrays);
}

export function columnNames({ columns }: SqlResult): string[] {
  const names = newList<string>();
  for (let j = 0; columns !== null && j < columns.length; j += 1) names[j] = columns[j]?.name ?? '';
  return listToArray(names);
}

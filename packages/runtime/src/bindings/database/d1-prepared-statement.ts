/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { Error, listToArray, newList, ReflectGet, TypeError } from '../../primordials.ts';
import { isObject, toBoolean, toUsvString } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { andThen, attempt } from '../promises.ts';
import { toParameters } from './parameters.ts';
import { runSql } from './run-sql.ts';
import type { SqlAnswer, SqlResult, SqlStatement } from './run-sql.ts';
import { columnNames, toArrays, toObjects } from './to-rows.ts';

let readStatement: (given: D1PreparedStatement) => { binding: string; statement: SqlStatement };
let isStatement: (given: object) => given is D1PreparedStatement;
let construct: (binding: string, statement: SqlStatement) => D1PreparedStatement;

/** A statement of a {@link D1Database}, with its parameters. */
export class D1PreparedStatement {
  #binding = '';
  #statement: SqlStatement = { sql: '', params: [] };

  /** The same statement with these parameters. */
  bind(...values: unknown[]): D1PreparedStatement {
    const { sql } = this.#statement;
    return construct(this.#binding, { sql, params: toParameters(values) });
  }

  /** The first row, or the value of one of its columns; null when there is no row. */
  first(column: unknown = undefined): Promise<unknown> {
    return attempt(() =>
      andThen(this.#run(), ({ results }) => {
        const result = results[0];
        if (result === undefined || result.rows.length === 0) return null;
        const { columns, rowCount } = result;
        const row = toObjects({ columns, rowCount, rows: [result.rows[0] ?? []] })[0];
        if (column === undefined || column === null || row === undefined) return row ?? null;
        const name = toUsvString(column);
        for (let i = 0; columns !== null && i < columns.length; i += 1) {
          if (columns[i]?.name === name) return ReflectGet(row, name) as unknown;
        }
        throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${name})`);
      }),
    );
  }

  all(): Promise<object> {
    return attempt(() =>
      andThen(this.#run(), ({ results, durationMs }) =>
        toD1Result(results[0] ?? { columns: null, rowCount: 0, rows: [] }, durationMs),
      ),
    );
  }

  run(): Promise<object> {
    return this.all();
  }

  /** The rows as arrays; with `columnNames`, the names come first. */
  raw(options: unknown = undefined): Promise<unknown[]> {
    return attempt(() => {
      const hasNames = isObject(options) && toBoolean(ReflectGet(options, 'columnNames'));
      return andThen(this.#run(), ({ results }) => {
        const result = results[0];
        if (result === undefined) return [];
        const rows = toArrays(result);
        if (!hasNames) return rows;
        const named = newList<unknown>();
        named[0] = columnNames(result);
        for (let i = 0; i < rows.length; i += 1) named[i + 1] = rows[i];
        return listToArray(named);
      });
    });
  }

  #run(): Promise<SqlAnswer> {
    return runSql(this.#binding, { statements: [this.#statement], isScript: false });
  }

  static {
    readStatement = (given) => ({ binding: given.#binding, statement: given.#statement });
    isStatement = (given): given is D1PreparedStatement => #statement in given;
    construct = (binding, statement) => {
      const made = new D1PreparedStatement();
      made.#binding = binding;
      made.#statement = statement;
      return made;
    };
    defineInterface(this, 'D1PreparedStatement');
  }
}

export function prepare(binding: string, statement: SqlStatement): D1PreparedStatement {
  return construct(binding, statement);
}

/** @throws TypeError for what was not prepared by this database */
export function toStatement(given: unknown, binding: string): SqlStatement {
  if (isObject(given) && isStatement(given)) {
    const prepared = readStatement(given);
    if (prepared.binding === binding) return prepared.statement;
  }
  throw new TypeError('batch() takes statements that this database has prepared');
}

export function toD1Result(result: SqlResult, durationMs: number): object {
  const { rowCount, columns } = result;
  const changes = columns === null ? (rowCount ?? 0) : 0;
  return {
    success: true,
    results: toObjects(result),
    meta: { duration: durationMs, changes, changed_db: changes > 0, rows_read: result.rows.length },
  };
}

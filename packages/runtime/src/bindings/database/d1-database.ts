import { ArrayIsArray, listToArray, newList, TypeError } from '../../primordials.ts';
import { requireArguments, toUsvString } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { andThen, attempt } from '../promises.ts';
import {
  type D1PreparedStatement,
  prepare,
  toD1Result,
  toStatement,
} from './d1-prepared-statement.ts';
import { runSql } from './run-sql.ts';
import type { SqlStatement } from './run-sql.ts';

/** A SQL database with the methods of Cloudflare's `D1Database`; the dialect is PostgreSQL's. */
export class D1Database {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  prepare(sql: unknown): D1PreparedStatement {
    requireArguments(arguments.length, 1, 'prepare()');
    return prepare(this.#binding, { sql: toUsvString(sql), params: [] });
  }

  /** One transaction: all of the statements, or none. */
  batch(statements: unknown): Promise<object[]> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'batch()');
      if (!ArrayIsArray(statements) || statements.length === 0) {
        throw new TypeError('batch() takes an array of prepared statements');
      }
      const list = newList<SqlStatement>();
      for (let i = 0; i < statements.length; i += 1) {
        list[i] = toStatement(statements[i], this.#binding);
      }
      const run = runSql(this.#binding, { statements: listToArray(list), isScript: false });
      return andThen(run, ({ results, durationMs }) => {
        const answers = newList<object>();
        for (let i = 0; i < results.length; i += 1) {
          const result = results[i];
          if (result !== undefined) answers[i] = toD1Result(result, durationMs);
        }
        return listToArray(answers);
      });
    });
  }

  /** Statements without parameters, separated by semicolons; one transaction. */
  exec(sql: unknown): Promise<object> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'exec()');
      const statements = [{ sql: toUsvString(sql), params: [] }];
      const run = runSql(this.#binding, { statements, isScript: true });
      return andThen(run, ({ results, durationMs }) => ({
        count: results.length,
        duration: durationMs,
      }));
    });
  }

  static {
    defineInterface(this, 'D1Database');
  }
}

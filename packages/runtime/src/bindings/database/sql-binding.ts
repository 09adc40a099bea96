/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { ArrayIsArray, TypeError } from '../../primordials.ts';
import { requireArguments, toUsvString } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { andThen, attempt } from '../promises.ts';
import { toParameters } from './parameters.ts';
import { runSql } from './run-sql.ts';
import { toObjects } from './to-rows.ts';

/** A SQL database with OpenWorkers' own method. */
export class SqlBinding {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  /** The rows, or `{ rowsAffected }` of a statement that has none. @param params for `$1`, `$2`, … */
  query(sql: unknown, params: unknown = undefined): Promise<unknown> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'query()');
      if (params !== undefined && params !== null && !ArrayIsArray(params)) {
        throw new TypeError('query() takes its parameters as an array');
      }
      const statement = { sql: toUsvString(sql), params: toParameters(params ?? []) };
      const run = runSql(this.#binding, { statements: [statement], isScript: false });
      return andThen(run, ({ results }) => {
        const result = results[0];
        if (result === undefined) return [];
        return result.columns === null ? { rowsAffected: result.rowCount ?? 0 } : toObjects(result);
      });
    });
  }

  static {
    defineInterface(this, 'SqlDatabase');
  }
}

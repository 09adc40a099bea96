import { SqlFailure } from '../sql-failure.ts';
import { tokenize } from './tokenize.ts';

const maxParameters = 65_535;

/** The SQL with SQLite's placeholders (`?`, `?1`) as PostgreSQL's (`$1`). @throws SqlFailure */
export function rewritePlaceholders(sql: string): string {
  if (!sql.includes('?')) return sql;
  let rewritten = '';
  let done = 0;
  let largest = 0;
  for (const { kind, start, end } of tokenize(sql)) {
    if (kind !== 'placeholder') continue;
    const given = sql.slice(start + 1, end);
    // As in SQLite: one more than the largest so far.
    const index = given === '' ? largest + 1 : Number(given);
    if (!(index >= 1 && index <= maxParameters)) {
      throw new SqlFailure(
        `?${given} is no parameter: they are numbered from 1 to ${maxParameters}`,
      );
    }
    largest = Math.max(largest, index);
    // Words before and after stay apart.
    rewritten += `${sql.slice(done, start)} $${index} `;
    done = end;
  }
  return rewritten + sql.slice(done);
}

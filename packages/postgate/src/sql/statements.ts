import { SqlFailure } from '../sql-failure.ts';
import { tokenize } from './tokenize.ts';

/** Statements that begin or end a transaction; each job is one already. */
const transactionWords = new Set(
  'begin start commit end rollback abort savepoint release prepare'.split(' '),
);

/** Cuts a script at its semicolons; empty statements are left out. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let begin: number | undefined;
  let end = 0;
  let parentheses = 0;
  let blocks = 0;
  let words: string[] = [];
  for (const token of tokenize(sql)) {
    if (token.kind === 'semicolon' && parentheses === 0 && blocks === 0) {
      if (begin !== undefined) statements.push(sql.slice(begin, end));
      begin = undefined;
      words = [];
      continue;
    }
    begin ??= token.start;
    end = token.end;
    if (token.kind === 'open') parentheses += 1;
    if (token.kind === 'close') parentheses = Math.max(0, parentheses - 1);
    if (token.word === undefined) continue;
    if (words.length < 4) words.push(token.word);
    // The body of a function in standard SQL has semicolons of its own.
    if (isRoutine(words)) {
      if (token.word === 'begin' || (token.word === 'case' && blocks > 0)) blocks += 1;
      if (token.word === 'end') blocks = Math.max(0, blocks - 1);
    }
  }
  if (begin !== undefined) statements.push(sql.slice(begin, end));
  return statements;
}

function isRoutine([first, ...rest]: readonly string[]): boolean {
  return first === 'create' && (rest.includes('function') || rest.includes('procedure'));
}

/**
 * Refuses what would end the transaction around it. This keeps promises to the tenant (all or nothing, and
 * nothing beyond the row limit); it is no wall: none is needed inside of the tenant's own database.
 *
 * @throws SqlFailure
 */
export function assertNoTransactionControl(sql: string): void {
  for (const { word, kind } of tokenize(sql)) {
    if (kind === 'semicolon') continue;
    if (word === undefined || !transactionWords.has(word)) return;
    const text = `${word.toUpperCase()} cannot be used here: every query and every batch is a transaction of its own`;
    throw new SqlFailure(text, { code: '25001' });
  }
}

/** What matters of a piece of SQL. */
export interface SqlToken {
  readonly kind: 'word' | 'operand' | 'placeholder' | 'semicolon' | 'open' | 'close' | 'operator';
  readonly start: number;
  readonly end: number;
  /** Of a word, in lower case. */
  readonly word?: string;
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isWordStart = (code: number): boolean =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code >= 128;
const isWordPart = (code: number): boolean => isWordStart(code) || isDigit(code) || code === 36;

const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const number = /(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;

/**
 * Words after which a value is expected: a `?` there stands for one, and is no operator. All of
 * PostgreSQL's reserved words that are no values themselves, and those others that values follow.
 */
const beforeValue = new Set(
  `all analyse analyze and any array as asc asymmetric between both by case cast check collate constraint
   create cross default desc distinct do else escape except exists fetch filter for from full grant
   group groups having ilike in increment inner intersect into is join lateral leading left like limit
   natural not notnull offset on only or order outer over overlaps placing range references returning right
   row rows select set similar some start symmetric table then to trailing union unique using values
   variadic when where window with zone`.split(/\s+/),
);

/**
 * Cuts SQL into tokens as PostgreSQL does (`standard_conforming_strings` on). Comments and spaces are left
 * out; what is in quotes is one operand. Time is linear in the length.
 */
export function* tokenize(sql: string): Generator<SqlToken> {
  let at = 0;
  // Whether what comes before is a value.
  let isAfterValue = false;
  while (at < sql.length) {
    const start = at;
    const code = sql.charCodeAt(at);
    const next = sql.charCodeAt(at + 1);
    if (isSpace(code)) at += 1;
    else if (code === 45 && next === 45) at = endOr(sql.indexOf('\n', at), sql);
    else if (code === 47 && next === 42) at = endOfComment(sql, at);
    else if (code === 39 || code === 34) {
      at = endOfQuoted(sql, at, { quote: code, hasEscapes: false });
      isAfterValue = true;
      yield { kind: 'operand', start, end: at };
    } else if (isWordStart(code)) {
      at = endOfWord(sql, at);
      const quote = sql.charCodeAt(at);
      const length = at - start;
      const isPrefix = quote === 39 && length === 1 && /[eEbBxXnN]/.test(sql.charAt(start));
      if (isPrefix) {
        const hasEscapes = code === 69 || code === 101;
        at = endOfQuoted(sql, at, { quote, hasEscapes });
        isAfterValue = true;
        yield { kind: 'operand', start, end: at };
      } else {
        const word = sql.slice(start, at).toLowerCase();
        isAfterValue = !beforeValue.has(word);
        yield { kind: 'word', start, end: at, word };
      }
    } else if (isDigit(code) || (code === 46 && isDigit(next))) {
      at = match(number, sql, at) ?? at + 1;
      isAfterValue = true;
      yield { kind: 'operand', start, end: at };
    } else if (code === 36) {
      at = endOfDollar(sql, at);
      isAfterValue = true;
      yield { kind: 'operand', start, end: at };
    } else if (code === 63) {
      const isPlaceholder: boolean = !isAfterValue || isDigit(next);
      at += 1;
      if (isPlaceholder) {
        while (isDigit(sql.charCodeAt(at))) at += 1;
      } else {
        // `?|`, `?&`, `?-`, `?#`, `?||`, `?-|`
        while ('|&-#'.includes(sql.charAt(at)) && at < sql.length) at += 1;
      }
      isAfterValue = isPlaceholder;
      yield { kind: isPlaceholder ? 'placeholder' : 'operator', start, end: at };
    } else if (code === 64 && next === 63 && isAfterValue) {
      // `@?`, of jsonb
      at += 2;
      isAfterValue = false;
      yield { kind: 'operator', start, end: at };
    } else {
      at += 1;
      isAfterValue = code === 41 || code === 93;
      yield { kind: kindOf(code), start, end: at };
    }
  }
}

function kindOf(code: number): SqlToken['kind'] {
  if (code === 59) return 'semicolon';
  if (code === 40) return 'open';
  return code === 41 ? 'close' : 'operator';
}

function endOr(found: number, sql: string): number {
  return found === -1 ? sql.length : found;
}

function match(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

function endOfWord(sql: string, start: number): number {
  let at = start + 1;
  while (at < sql.length && isWordPart(sql.charCodeAt(at))) at += 1;
  return at;
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at += 1) {
    const pair = sql.charCodeAt(at) * 256 + sql.charCodeAt(at + 1);
    if (pair === 47 * 256 + 42) {
      depth += 1;
      at += 1;
    } else if (pair === 42 * 256 + 47) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
}

function endOfQuoted(
  sql: string,
  start: number,
  { quote, hasEscapes }: { quote: number; hasEscapes: boolean },
): number {
  for (let at = start + 1; at < sql.length; at += 1) {
    const code = sql.charCodeAt(at);
    if (hasEscapes && code === 92) at += 1;
    else if (code === quote) {
      if (sql.charCodeAt(at + 1) !== quote) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}

/** A dollar-quoted text, or a parameter like `$1`. */
function endOfDollar(sql: string, start: number): number {
  const opened = match(dollarQuote, sql, start);
  if (opened !== undefined) {
    const tag = sql.slice(start, opened);
    const found = sql.indexOf(tag, opened);
    return found === -1 ? sql.length : found + tag.length;
  }
  let at = start + 1;
  while (isDigit(sql.charCodeAt(at))) at += 1;
  return at;
}

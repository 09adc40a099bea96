import { Body } from '../../fetch/body.ts';
import { Error, JSONParse, JSONStringify } from '../../primordials.ts';
import { defineHidden } from '../../structured-clone/define-property.ts';
import { callBinding } from '../binding-call.ts';
import { andThen } from '../promises.ts';

/** One statement; its parameters are what PostgreSQL reads. */
export interface SqlStatement {
  readonly sql: string;
  readonly params: readonly (string | null)[];
}

export interface SqlColumn {
  readonly name: string;
  readonly kind: string;
  readonly isArray: boolean;
}

/** What a statement answered, as the trusted side writes it. */
export interface SqlResult {
  readonly rowCount: number | null;
  /** Null for a statement without rows. */
  readonly columns: readonly SqlColumn[] | null;
  readonly rows: readonly (readonly (string | null)[])[];
}

interface Answer {
  readonly error: {
    readonly message: string;
    readonly code: string;
    readonly detail: string;
  } | null;
  readonly durationMs: number;
  readonly results: readonly SqlResult[];
}

/** What is longer goes behind the question. */
const maxInlineLength = 16 * 1024;

export interface SqlAnswer {
  readonly results: readonly SqlResult[];
  readonly durationMs: number;
}

/** Runs statements as one transaction. With `isScript`, each may be several. */
export function runSql(
  binding: string,
  { statements, isScript }: { statements: readonly SqlStatement[]; isScript: boolean },
): Promise<SqlAnswer> {
  const text = JSONStringify(statements);
  const isInline = text.length <= maxInlineLength;
  const call = callBinding({
    kind: 'database',
    question: { __proto__: null, binding, isScript, statements: isInline ? text : null },
    content: isInline ? undefined : new Body(text, undefined),
  });
  return andThen(call, ({ head, body }) =>
    // The trusted side writes both.
    body === undefined
      ? readAnswer(head as Answer)
      : andThen(body.text(), (long) => readAnswer(JSONParse(long) as Answer)),
  );
}

function readAnswer({ error, results, durationMs }: Answer): SqlAnswer {
  if (error === null) return { results, durationMs };
  const failure = new Error(error.message);
  if (error.code !== '') defineHidden(failure, 'code', error.code);
  if (error.detail !== '') defineHidden(failure, 'detail', error.detail);
  throw failure;
}

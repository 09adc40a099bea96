import ts from 'typescript';

/** Names that a classic script puts on the global object; a worker's module does not by itself. */
export interface GlobalNames {
  readonly functions: readonly string[];
  readonly variables: readonly string[];
  /** Assigned without a declaration in the script. */
  readonly assigned: readonly string[];
}

/** Reads the top-level declarations of a script. */
export function findGlobalNames(source: string): GlobalNames {
  const file = ts.createSourceFile('script.js', source, ts.ScriptTarget.ESNext, false);
  const functions: string[] = [];
  const variables: string[] = [];
  const assigned: string[] = [];
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement)) {
      if (statement.name !== undefined) functions.push(statement.name.text);
    } else if (ts.isVariableStatement(statement)) {
      const { flags, declarations } = statement.declarationList;
      if ((flags & ts.NodeFlags.BlockScoped) !== 0) continue;
      for (const { name } of declarations) if (ts.isIdentifier(name)) variables.push(name.text);
    } else if (ts.isExpressionStatement(statement) && ts.isBinaryExpression(statement.expression)) {
      const { left, operatorToken } = statement.expression;
      if (operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isIdentifier(left)) {
        assigned.push(left.text);
      }
    }
  }
  return { functions, variables, assigned };
}

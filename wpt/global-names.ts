import ts from 'typescript';

/** Names that a classic script puts on the global object; a worker's module does not by itself. */
export interface GlobalNames {
  readonly functions: readonly string[];
  readonly variables: readonly string[];
  /** Assigned somewhere without a declaration in a scope around it. */
  readonly assigned: readonly string[];
}

/** Reads the declarations and assignments of a script. */
export function findGlobalNames(source: string): GlobalNames {
  const file = ts.createSourceFile('script.js', source, ts.ScriptTarget.ESNext, false);
  const functions: string[] = [];
  const variables: string[] = [];
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement)) {
      if (statement.name !== undefined) functions.push(statement.name.text);
    } else if (ts.isVariableStatement(statement)) {
      const { flags, declarations } = statement.declarationList;
      if ((flags & ts.NodeFlags.BlockScoped) !== 0) continue;
      for (const { name } of declarations) if (ts.isIdentifier(name)) variables.push(name.text);
    }
  }
  return { functions, variables, assigned: findUndeclared(file) };
}

function findUndeclared(file: ts.SourceFile): string[] {
  const assigned = new Set<string>();
  const visit = (node: ts.Node, declared: ReadonlySet<string>): void => {
    const scope = ts.isFunctionLike(node) ? declared.union(declaredIn(node)) : declared;
    const target = assignedTarget(node);
    if (target !== undefined && ts.isIdentifier(target) && !scope.has(target.text)) {
      assigned.add(target.text);
    }
    ts.forEachChild(node, (child) => visit(child, scope));
  };
  visit(file, declaredIn(file));
  return [...assigned];
}

/** Names that a function or the file declares, without those of the functions in it. */
function declaredIn(scope: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const name = declaredName(node);
    if (name !== undefined && ts.isIdentifier(name)) names.add(name.text);
    if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(scope, visit);
  return names;
}

function declaredName(node: ts.Node): ts.Node | undefined {
  return ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node)
    ? node.name
    : undefined;
}

function assignedTarget(node: ts.Node): ts.Node | undefined {
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) return node.initializer;
  if (!ts.isBinaryExpression(node)) return undefined;
  return node.operatorToken.kind === ts.SyntaxKind.EqualsToken ? node.left : undefined;
}

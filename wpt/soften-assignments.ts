import ts from 'typescript';

/**
 * Statements that assign to `object[key]` as a classic script has them: in a module, which a worker
 * is, assigning to a property without a setter throws.
 */
export function softenAssignments(source: string): string {
  if (!/\]\s*=[^=]/.test(source)) return source;
  const file = ts.createSourceFile('script.js', source, ts.ScriptTarget.ESNext, true);
  const edits: { start: number; end: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    const assignment = ts.isExpressionStatement(node) ? node.expression : undefined;
    if (
      assignment !== undefined &&
      ts.isBinaryExpression(assignment) &&
      assignment.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isElementAccessExpression(assignment.left)
    ) {
      const { expression, argumentExpression } = assignment.left;
      const parts = [expression, argumentExpression, assignment.right];
      const text = `Reflect.set(${parts.map((part) => part.getText()).join(', ')})`;
      edits.push({ start: assignment.getStart(), end: assignment.getEnd(), text });
      // Edits inside of others would shift.
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return edits.reduceRight(
    (text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end),
    source,
  );
}

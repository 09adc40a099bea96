import { Script } from 'node:vm';
import ts from 'typescript';

/**
 * Strings of a script that are expressions: idlharness.js evaluates such, and no code comes from
 * strings in an isolate. The worker gets them as functions instead.
 */
export function findExpressions(source: string): string[] {
  const file = ts.createSourceFile('script.js', source, ts.ScriptTarget.ESNext, false);
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && isExpression(node.text)) found.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found];
}

function isExpression(text: string): boolean {
  try {
    // Parsed, never run; in strict mode as in the module that it becomes a part of.
    return new Script(`'use strict';(${text}\n)`) instanceof Script;
  } catch {
    return false;
  }
}

import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

/*
 * Runs the rules of `primordials.ts` over the runtime's sources: nothing that worker code can
 * replace may be mentioned, and no syntax may be used that calls something replaceable.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Files that are evaluated before worker code, or not inside an isolate at all. */
const exempt =
  /\/src\/(?:primordials|safe-[a-z]+|bundle-format|boundary)\.ts$|\/(?:harden|testing|security)\//;
/** Globals that cannot be replaced. */
const fixedGlobals = new Set(['undefined', 'Infinity', 'NaN', 'arguments']);
const iterating = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.ForOfStatement, 'for…of'],
  [ts.SyntaxKind.ArrayBindingPattern, 'array pattern'],
  [ts.SyntaxKind.SpreadElement, 'spread'],
  [ts.SyntaxKind.AwaitExpression, 'await'],
  [ts.SyntaxKind.YieldExpression, 'yield'],
]);

function loadProgram(): ts.Program {
  const path = `${root}tsconfig.json`;
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as {
    config: unknown;
  };
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return ts.createProgram(parsed.fileNames, parsed.options);
}

function isFromLibrary(symbol: ts.Symbol | undefined): boolean {
  const declarations = symbol?.declarations ?? [];
  return (
    declarations.length > 0 &&
    declarations.every((declaration) => declaration.getSourceFile().isDeclarationFile)
  );
}

function globalOf(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (!ts.isIdentifier(node) || fixedGlobals.has(node.text)) return undefined;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return undefined;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return undefined;
  if (ts.isImportSpecifier(parent)) return undefined;
  const symbol = ts.isShorthandPropertyAssignment(parent)
    ? checker.getShorthandAssignmentValueSymbol(parent)
    : checker.getSymbolAtLocation(node);
  const isValue =
    ((symbol?.flags ?? 0) & (ts.SymbolFlags.Variable | ts.SymbolFlags.Function)) !== 0;
  return isValue && isFromLibrary(symbol) ? `global ${node.text}` : undefined;
}

/** A property of a built-in object; own properties that every such object has are fine. */
function patchableOf(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const symbol = checker.getSymbolAtLocation(node.name);
  if (!isFromLibrary(symbol)) return undefined;
  const type = checker.typeToString(checker.getTypeAtLocation(node.expression));
  if (/^Safe(?:Map|Set)\b/.test(type) || /PropertyDescriptor/.test(type)) return undefined;
  if (
    node.name.text === 'length' &&
    !/Array(?:<|$)/.test(type.replace(/^(?:readonly )?.*\[\]$/, ''))
  ) {
    return undefined;
  }
  if (node.name.text === 'prototype') return undefined;
  return `${type}.${node.name.text}`;
}

/** `array[i] = value` runs a setter of `Array.prototype` when the array has no such item. */
function storeOf(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) {
    return undefined;
  }
  if (!ts.isElementAccessExpression(node.left)) return undefined;
  const type = checker.getTypeAtLocation(node.left.expression);
  return checker.isArrayType(type) ? `store in ${checker.typeToString(type)}` : undefined;
}

/** `text[i]` asks the prototypes of strings when it is beyond the end. */
function indexOf(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (!ts.isElementAccessExpression(node)) return undefined;
  const type = checker.getTypeAtLocation(node.expression);
  return (type.flags & ts.TypeFlags.StringLike) === 0 ? undefined : 'index of a string';
}

function violations(file: ts.SourceFile, checker: ts.TypeChecker): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node)) return;
    const problem =
      iterating.get(node.kind) ??
      globalOf(node, checker) ??
      patchableOf(node, checker) ??
      storeOf(node, checker) ??
      indexOf(node, checker);
    if (problem !== undefined) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file.fileName.slice(root.length)}:${line + 1} ${problem}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('the runtime uses nothing that worker code can replace', () => {
  const program = loadProgram();
  const checker = program.getTypeChecker();
  const files = program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(`${root}src/`) && !exempt.test(fileName));
  expect(files.length).toBeGreaterThan(50);
  const allowed = [
    // Our own Error object, just made.
    /crypto\/(?:crypto-request|digest)\.ts:\d+ Error\.message$/,
  ];
  const found = files
    .flatMap((file) => violations(file, checker))
    .filter((violation) => !allowed.some((pattern) => pattern.test(violation)));
  expect(found).toEqual([]);
});

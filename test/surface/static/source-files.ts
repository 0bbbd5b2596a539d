import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../../scripts/set-up.mjs';

const TEST =
  /[.](?:spec|int-spec|e2e-spec|matrix-spec|conformance|fixture)[.]ts$|[\\/]testing[\\/]|[\\/]conformance[\\/]|[\\/]test[\\/]/;

/** The product's own code, without its tests, as syntax trees. */
export function productSources(): readonly ts.SourceFile[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !TEST.test(name))
      .map((name) => parse(join(root, folder, name))),
  );
}

/** Every call below a node. */
export function callsIn(node: ts.Node): readonly ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isCallExpression(child)) calls.push(child);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return calls;
}

/** The name of what is called: that of a function, or of a method without its object. */
export function calledName({ expression }: ts.CallExpression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
}

/** What an expression is if it is text: one literal or more, where it depends on a condition. */
export function literalsOf(expression: ts.Expression | undefined): readonly string[] {
  if (!expression) return [];
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isTemplateExpression(expression)) return [expression.getText().slice(1, -1)];
  if (!ts.isConditionalExpression(expression)) return [];
  return [...literalsOf(expression.whenTrue), ...literalsOf(expression.whenFalse)];
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
}

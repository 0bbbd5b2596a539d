import ts from 'typescript';
import { calledName, callsIn } from './source-files.js';

/** A function that logs a message which its callers hand over. */
export interface LogCarrier {
  readonly level: string;
  /** Which argument the message is. */
  readonly position: number;
}

/** Carriers by name; a name may be that of several. */
export type LogCarriers = ReadonlyMap<string, readonly LogCarrier[]>;

const LEVELS = new Set(['debug', 'info', 'warn', 'error']);
/** What logs are called where they are called. */
const LOG_NAME = /(?:^|[.])(?:log|logger|target)$/;

/** The functions of a file that hand a parameter on to the log. */
export function logCarriers(source: ts.SourceFile): LogCarriers {
  return carriersIn(source, () => true);
}

/** Those that other files may call, too: exported functions. Methods are not among them, as many share a name. */
export function exportedCarriers(sources: readonly ts.SourceFile[]): LogCarriers {
  return new Map(sources.flatMap((source) => [...carriersIn(source, isExported)]));
}

function carriersIn(source: ts.SourceFile, wanted: (declaration: ts.Declaration) => boolean): LogCarriers {
  const carriers = new Map<string, readonly LogCarrier[]>();
  const visit = (node: ts.Node): void => {
    const carrier = functionIn(node);
    const found = carrier && wanted(node as ts.Declaration) ? carriedBy(carrier) : [];
    if (found.length > 0) carriers.set((node as ts.NamedDeclaration).name?.getText() ?? '', found);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return carriers;
}

/** The function that a declaration gives a name, if it does. */
function functionIn(node: ts.Node): ts.FunctionLikeDeclaration | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node;
  const value = ts.isVariableDeclaration(node) ? node.initializer : undefined;
  return value && ts.isArrowFunction(value) ? value : undefined;
}

function isExported(declaration: ts.Declaration): boolean {
  return (
    !ts.isMethodDeclaration(declaration) &&
    (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0
  );
}

/** How a call logs, if it does: by itself, or through a carrier. */
export function loggedBy(call: ts.CallExpression, carriers: LogCarriers): readonly LogCarrier[] {
  const level = levelOf(call);
  return level === undefined ? (carriers.get(calledName(call)) ?? []) : [{ level, position: 0 }];
}

function levelOf({ expression }: ts.CallExpression): string | undefined {
  if (!ts.isPropertyAccessExpression(expression) || !LEVELS.has(expression.name.text)) return undefined;
  return LOG_NAME.test(expression.expression.getText()) ? expression.name.text : undefined;
}

function carriedBy({ parameters, body }: ts.FunctionLikeDeclaration): LogCarrier[] {
  if (!body) return [];
  const names = parameters.map(({ name }) => name.getText());
  return callsIn(body).flatMap((call) => {
    const level = levelOf(call);
    const position = names.indexOf(call.arguments[0]?.getText() ?? '');
    return level === undefined || position < 0 ? [] : [{ level, position }];
  });
}

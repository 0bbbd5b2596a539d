import ts from 'typescript';
import type { Section } from '../document.js';
import { exportedCarriers, loggedBy, logCarriers, type LogCarriers } from './log-carriers.js';
import { callsIn, literalsOf, productSources } from './source-files.js';

/** What is logged with one message, at all its places together. Fields whose names do not stand beside it are `…`. */
interface LogMessage {
  readonly levels: Set<string>;
  readonly fields: Set<string>;
}

/** Every message that stands in the code as text. */
export function recordLogMessages(): Section {
  const messages = new Map<string, LogMessage>();
  const sources = productSources();
  const exported = exportedCarriers(sources);
  for (const source of sources) {
    const carriers = new Map([...exported, ...logCarriers(source)]);
    for (const call of callsIn(source)) addMessages(messages, call, carriers);
  }
  return Object.fromEntries(
    [...messages].map(([text, { levels, fields }]) => [text, { levels: [...levels], fields: [...fields] }]),
  );
}

function addMessages(
  messages: Map<string, LogMessage>,
  call: ts.CallExpression,
  carriers: LogCarriers,
): void {
  for (const { level, position } of loggedBy(call, carriers)) {
    for (const text of literalsOf(call.arguments[position])) {
      const message = messages.get(text) ?? { levels: new Set(), fields: new Set() };
      messages.set(text, message);
      message.levels.add(level);
      for (const field of fieldsOf(call.arguments[position + 1])) message.fields.add(field);
    }
  }
}

function fieldsOf(argument: ts.Expression | undefined): readonly string[] {
  if (!argument) return [];
  if (!ts.isObjectLiteralExpression(argument)) return ['…'];
  return argument.properties.map((property) =>
    ts.isSpreadAssignment(property) ? '…' : (property.name?.getText() ?? ''),
  );
}

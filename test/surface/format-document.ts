import { canonical, isSection, type Section, type Value } from './document.js';

/** Longest section or list that stands in one line. */
const LINE_LENGTH = 160;

/** The text of a file that holds a recording: JSON in which what is short stands in one line. */
export function formatDocument(section: Section): string {
  return `${formatValue(canonical(section), '')}\n`;
}

function formatValue(value: Value, indent: string): string {
  const line = JSON.stringify(value).replaceAll('\u007f', String.raw`\u007f`);
  if (typeof value !== 'object' || indent.length + line.length <= LINE_LENGTH) return line;
  const inner = `${indent}  `;
  const items = isSection(value)
    ? Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${formatValue(item, inner)}`)
    : value.map((item) => JSON.stringify(item));
  const [open, close] = isSection(value) ? '{}' : '[]';
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}

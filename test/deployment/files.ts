import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What the Dockerfile says after each instruction of a name, on one line. */
export function instructions(name: string): readonly string[] {
  const lines = read('Dockerfile')
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  return lines
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1).trim());
}

/** The settings that the documents name, which are made from the code. */
const SETTINGS = new Set(
  ['docs/configuration.md', 'docs/agent.md'].flatMap((path) =>
    [...read(path).matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = '']) => name),
  ),
);

/** Of Node itself. */
const NODE_SETTINGS = new Set(['NODE_ENV', 'NODE_OPTIONS']);

/** Whether a program of ours, or Node, reads the variable. */
export function isSetting(name: string): boolean {
  return NODE_SETTINGS.has(name) || SETTINGS.has(name) || SETTINGS.has(name.replace(/_FILE$/, ''));
}

/** What a setting of the hub is where it is absent. */
export function defaultOf(setting: string): number {
  return Number(/^`(\d+)`$/.exec(rowOf(setting)[0])?.[1]);
}

/** What the document says that a setting of the hub means. */
export function explanationOf(setting: string): string {
  return rowOf(setting)[1];
}

function rowOf(setting: string): readonly [standard: string, explanation: string] {
  const row = new RegExp(`\`${setting}\` \\| (\\S+) \\| (.*) \\|$`, 'm');
  const [, standard = '', explanation = ''] = row.exec(read('docs/configuration.md')) ?? [];
  return [standard, explanation];
}

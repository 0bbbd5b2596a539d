import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of Ringback, as its package says it: sources and build lie at different depths below it. */
export function readVersion(directory: string = import.meta.dirname): string {
  const file = join(directory, 'package.json');
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('There is no package.json above this library.');
  return readVersion(parent);
}

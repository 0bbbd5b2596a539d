import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/set-up.mjs';

/** A change of a configuration for a test: what it replaces has to be there. */
export type Change = readonly [what: RegExp, by: string];

/** The text of a file of the repository after the changes, one after the other. */
export function readChanged(file: string, changes: readonly Change[]): string {
  return changes.reduce(
    (text, [what, by]) => {
      if (text.search(what) < 0) throw new Error(`${file} has no ${String(what)}`);
      return text.replace(what, by);
    },
    readFileSync(join(root, file), 'utf8'),
  );
}

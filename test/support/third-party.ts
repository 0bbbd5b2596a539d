import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/set-up.mjs';

const run = promisify(execFile);

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
}

/**
 * Puts what this repository itself depends on into the folder's `node_modules`, as it is installed here. An `npm install` there then unpacks and fetches only what
 * is not among it, and takes out again what none of its packages needs.
 */
export async function lendThirdParty(folder: string): Promise<void> {
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lock) as { readonly packages: Record<string, LockedPackage> };
  const isNeeded = ({ dev, devOptional, optional }: LockedPackage): boolean =>
    !dev && !devOptional && !optional;
  const places = Object.entries(packages)
    .filter(([place, locked]) => place.split('node_modules/').length === 2 && isNeeded(locked))
    .map(([place]) => place);
  const copy = (how: string) => run('cp', [how, '--parents', ...places, folder], { cwd: root });
  await copy('-al').catch(() => copy('-a')); // the folder is on another file system
}

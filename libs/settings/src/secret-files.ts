import type { Environment } from './environment.js';
import { StartupError } from './startup-error.js';
import { readTextFile } from './text-file.js';

/** What stands behind the name of a secret in the variable that names its file. */
export const FILE_SUFFIX = '_FILE';

/**
 * The value of a variable, or what the file holds that the variable with `_FILE` behind its name names, in either case without the space and line ends
 * around it; `undefined` where both are absent or empty. Throws `StartupError` if both are set, or if the file cannot be read or is empty; the value is
 * never shown.
 */
export function readSecret(name: string, environment: Environment): string | undefined {
  const text = environment[name]?.trim() || undefined;
  const path = environment[name + FILE_SUFFIX]?.trim();
  if (!path) return text;
  if (text !== undefined)
    throw new StartupError(`${name} and ${name}${FILE_SUFFIX} are both set; set one of them.`);
  const place = `${name}${FILE_SUFFIX}=${JSON.stringify(path)}`;
  const held = readTextFile(path, place).trim();
  // Without its secret a process would run open, or by itself, and nobody would know.
  if (held === '') throw new StartupError(`${place} is empty; write the value into the file.`);
  return held;
}

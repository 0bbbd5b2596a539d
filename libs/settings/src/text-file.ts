import { readFileSync } from 'node:fs';
import { StartupError } from './startup-error.js';

/** The byte order mark, with which editors on Windows begin their files. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/** The text of a file that a setting names, without a byte order mark. Throws `StartupError` that begins with `place` and says why it cannot be read. */
export function readTextFile(path: string, place: string): string {
  try {
    return readFileSync(path, 'utf8').replace(BYTE_ORDER_MARK, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartupError(`${place} cannot be read: ${reasonOf(code)}.`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a directory',
};

function reasonOf(code: string | undefined): string {
  return REASONS[code ?? ''] ?? `the system says ${code ?? 'nothing'}`;
}

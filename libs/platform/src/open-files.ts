import { readFileSync } from 'node:fs';

const SOFT_LIMIT = /^Max open files\s+(\d+)/m;

/** How many files and sockets this process may have open; `undefined` where there is no limit, or none that can be read. */
export function maxOpenFiles(limits: () => string = readLimits): number | undefined {
  const limit = SOFT_LIMIT.exec(limits())?.[1];
  return limit === undefined ? undefined : Number(limit);
}

/** Empty where the system has no such file. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

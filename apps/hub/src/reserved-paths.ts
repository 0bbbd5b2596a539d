import type { ReservedPath } from '@ringback/gateway-kit';
import { StartupError } from '@ringback/settings';

/**
 * Throws `StartupError` if two protocols would take one path. Some have no regard to case, so none of them may differ by that alone. Two paths of one
 * setting may well be alike.
 */
export function assertDistinctPaths(paths: readonly ReservedPath[]): void {
  const settingAt = new Map<string, string>();
  for (const { setting, path } of paths) {
    const other = settingAt.get(path.toLowerCase());
    if (other !== undefined && other !== setting) {
      throw new StartupError(`${setting} names ${path}, which is taken by ${other}.`);
    }
    settingAt.set(path.toLowerCase(), setting);
  }
}

import type { ReservedPath } from '@ringback/gateway-kit';
import { StartupError } from '@ringback/settings';

/** What the node itself serves: the HTTP API, its documentation, health, metrics and the page. */
const NODE_PATHS = ['/v1', '/docs', '/docs-json', '/health', '/metrics', '/page', '/page.css', '/page.mjs'];

/**
 * Throws `StartupError` if two protocols would take one path, or one of them a path of the node. Some have no regard to case or to a slash at the end, so
 * none of them may differ by that alone. Two paths of one setting may well be alike.
 */
export function assertDistinctPaths(paths: readonly ReservedPath[]): void {
  const settingAt = new Map<string, string>();
  for (const { setting, path } of paths) {
    const key = normalize(path);
    if (isOfNode(key)) throw new StartupError(`${setting} names ${path}, which the node itself serves.`);
    const other = settingAt.get(key);
    if (other !== undefined && other !== setting) {
      throw new StartupError(`${setting} names ${path}, which is taken by ${other}.`);
    }
    settingAt.set(key, setting);
  }
}

function normalize(path: string): string {
  return path.toLowerCase().replace(/\/+$/, '');
}

function isOfNode(path: string): boolean {
  return path === '' || NODE_PATHS.some((own) => path === own || path.startsWith(`${own}/`));
}

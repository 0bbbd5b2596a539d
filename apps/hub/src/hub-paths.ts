import { parts, StartError, WrongValue, type Defaulted, type Setting } from '@ringback/platform';

type Words = Pick<Setting<unknown>, 'doc' | 'absent'>;

const PATH = /^(\/[0-9A-Za-z._~-]+)+$/;
const ALLOWED = 'without a slash at its end and not ending in /negotiate';

/** The path of a SignalR hub. */
export function hubPath(fallback: string, words: Words): Defaulted<string> {
  return { ...words, fallback, allowed: `an absolute path ${ALLOWED}`, parse: parsePath };
}

/** A comma list of them. */
export function hubPaths(words: Words): Setting<readonly string[]> {
  return {
    ...words,
    allowed: `absolute paths separated by commas, each ${ALLOWED}`,
    parse: (text) => parts(text).map(parsePath),
  };
}

/** Throws `StartError` if two gateways would be at one path; SignalR has no regard to case. */
export function assertDistinctPaths(paths: readonly (readonly [setting: string, path: string])[]): void {
  const settingAt = new Map<string, string>();
  for (const [setting, path] of paths) {
    const other = settingAt.get(path.toLowerCase());
    if (other !== undefined && other !== setting)
      throw new StartError(`${setting} names ${path}, which is taken by ${other}.`);
    settingAt.set(path.toLowerCase(), setting);
  }
}

function parsePath(text: string): string {
  if (!PATH.test(text) || /\/negotiate$/i.test(text))
    throw new WrongValue(`names ${JSON.stringify(text)}, which is not the path of a hub`);
  return text;
}

import {
  InvalidSettingError,
  splitList,
  StartupError,
  type Defaulted,
  type Setting,
} from '@ringback/settings';

type Words = Pick<Setting<unknown>, 'doc' | 'absent'>;

const PATH = /^(\/[0-9A-Za-z._~-]+)+$/;
const ALLOWED =
  'without a slash at its end, not ending in /negotiate, and not below /v1, /docs, /health or /metrics';
/** What the node serves by itself. */
const OWN = /^\/(v1|docs|docs-json|health|metrics)(\/|$)/i;
const EVENT_HUB = /\/RealtimeEventPushHub$/i;

/** The path of the extended SignalR hub. */
export function hubPath(fallback: string, words: Words): Defaulted<string> {
  return {
    ...words,
    fallback,
    allowed: `an absolute path ${ALLOWED}, and not one of the event hub`,
    parse: parseExtendedPath,
  };
}

/** A comma list of them. */
export function hubPaths(words: Words): Setting<readonly string[]> {
  return {
    ...words,
    allowed: `absolute paths separated by commas, each ${ALLOWED}`,
    parse: (text) => splitList(text).map(parsePath),
  };
}

/** Throws `StartupError` if two gateways would be at one path; SignalR has no regard to case. */
export function assertDistinctPaths(paths: readonly (readonly [setting: string, path: string])[]): void {
  const settingAt = new Map<string, string>();
  for (const [setting, path] of paths) {
    const other = settingAt.get(path.toLowerCase());
    if (other !== undefined && other !== setting)
      throw new StartupError(`${setting} names ${path}, which is taken by ${other}.`);
    settingAt.set(path.toLowerCase(), setting);
  }
}

function parseExtendedPath(text: string): string {
  if (EVENT_HUB.test(text))
    throw new InvalidSettingError(`names ${JSON.stringify(text)}, where the event hub is`);
  return parsePath(text);
}

function parsePath(text: string): string {
  if (!PATH.test(text) || /\/negotiate$/i.test(text) || OWN.test(text))
    throw new InvalidSettingError(`names ${JSON.stringify(text)}, which is not the path of a hub`);
  return text;
}

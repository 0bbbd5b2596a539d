import {
  defaulted,
  flag,
  formerly,
  InvalidSettingError,
  splitList,
  wholeNumber,
  type Defaulted,
  type Setting,
  type SettingInfo,
} from '@ringback/settings';
import { DEFAULT_POLL_TIMEOUT_MS } from './signalr.options.js';

const PATH = /^(\/[0-9A-Za-z._~-]+)+$/;
const ALLOWED =
  'without a slash at its end, not ending in /negotiate, and not below /v1, /docs, /health or /metrics';
/** What a node serves by itself. */
const OWN = /^\/(v1|docs|docs-json|health|metrics)(\/|$)/i;
const EVENT_HUB = /\/RealtimeEventPushHub$/i;

/** What the environment says of the SignalR gateway. */
export const SETTINGS = {
  RINGBACK_SIGNALR_PATH: formerly(
    'SIGNALR_PATH',
    extendedHubPath('/hub', { doc: 'Path of the SignalR hub that can do everything.' }),
  ),
  RINGBACK_SIGNALR_EVENT_HUB_PATHS: formerly(
    'SIGNALR_ALIASES',
    eventHubPaths({
      doc: 'Further paths of the SignalR event hub, which is at every path that ends in `/RealtimeEventPushHub`.',
      absent: 'None.',
    }),
  ),
  RINGBACK_SIGNALR_EVENT_HUB_ALLOW_TRIGGER: formerly(
    'EVENT_HUB_TRIGGERS',
    flag(true, 'Whether clients of the SignalR event hub, `…/RealtimeEventPushHub`, may trigger.'),
  ),
  RINGBACK_SIGNALR_POLL_TIMEOUT_MS: wholeNumber(
    DEFAULT_POLL_TIMEOUT_MS,
    'How long a poll of a SignalR client is held when there is nothing to say. Proxies in between have to wait for longer, and many wait for 60 s.',
    { min: 1_000, max: 90_000 },
  ),
} as const;

function extendedHubPath(fallback: string, info: SettingInfo): Defaulted<string> {
  return defaulted(fallback, {
    ...info,
    allowed: `an absolute path ${ALLOWED}, and not one of the event hub`,
    parse: parseExtendedHubPath,
  });
}

/** A comma list. */
function eventHubPaths(info: SettingInfo): Setting<readonly string[]> {
  return {
    ...info,
    allowed: `absolute paths separated by commas, each ${ALLOWED}`,
    parse: (text) => splitList(text).map(parsePath),
  };
}

function parseExtendedHubPath(text: string): string {
  if (EVENT_HUB.test(text)) {
    throw new InvalidSettingError(`names ${JSON.stringify(text)}, where the event hub is`);
  }
  return parsePath(text);
}

function parsePath(text: string): string {
  if (!PATH.test(text) || /\/negotiate$/i.test(text) || OWN.test(text)) {
    throw new InvalidSettingError(`names ${JSON.stringify(text)}, which is not the path of a hub`);
  }
  return text;
}

/** The last segment of the path of every event hub. */
const EVENT_HUB = 'RealtimeEventPushHub';

/** The event hub of a server: `RealtimeEventPushHub` is put behind the path unless it stands there, in whatever case. */
export function eventHubUrl(url: string): string {
  return withLastSegment(url, EVENT_HUB);
}

/** The extended hub of a Ringback: `hub` is put behind the path where that is none, or ends with a slash. */
export function extendedHubUrl(url: string): URL {
  const parsed = new URL(url);
  if (parsed.pathname.endsWith('/')) parsed.pathname += 'hub';
  return parsed;
}

function withLastSegment(url: string, segment: string): string {
  const parsed = new URL(url);
  const segments = parsed.pathname.split('/').filter((part) => part !== '');
  if (segments.at(-1)?.toLowerCase() === segment.toLowerCase()) return url;
  parsed.pathname = [...segments, segment].join('/');
  return parsed.href;
}

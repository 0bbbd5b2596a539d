/** A session as the operator endpoint shows it. */
export interface ShownSession {
  readonly subscriberId: string;
  readonly connectionId?: string;
  readonly nodeId?: string;
  readonly lastSeenAt: number;
  readonly expiresAt?: number;
  readonly events: readonly { readonly eventguid: string; readonly acknowledged?: string }[];
}

/** A subscription of a named subscriber as the operator endpoint shows it. */
export interface ShownSubscription {
  readonly subscriberId: string;
  readonly cookie: string;
  readonly session?: {
    readonly connectionId?: string;
    readonly nodeId?: string;
    readonly lastSeenAt: number;
    readonly acknowledged?: string;
    readonly pending: number;
  };
}

/** The name under which everybody's hub knows a named subscriber, where there are no tokens. */
export function nameOf(subscriberId: string): string {
  return `n:anonymous/${subscriberId}`;
}

/** `undefined` if there is none. */
export async function session(url: string, subscriberId: string): Promise<ShownSession | undefined> {
  const response = await fetch(`${url}/v1/sessions/${encodeURIComponent(nameOf(subscriberId))}`);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as ShownSession;
}

/** Whether the session is there and no connection holds it. */
export async function isAway(url: string, subscriberId: string): Promise<boolean> {
  return (await session(url, subscriberId))?.expiresAt !== undefined;
}

/** The names of all sessions that are away. */
export async function sessionsAway(url: string): Promise<string[]> {
  const names: string[] = [];
  let cursor = '';
  do {
    const response = await fetch(`${url}/v1/sessions?limit=100${cursor}`);
    const page = (await response.json()) as { items: ShownSession[]; next?: string };
    names.push(...page.items.map(({ subscriberId }) => subscriberId));
    cursor = page.next === undefined ? '' : `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor !== '');
  return names;
}

/** The stored subscription of a named subscriber; `undefined` if there is none. */
export async function namedSubscription(
  url: string,
  eventguid: string,
  subscriberId: string,
): Promise<ShownSubscription | undefined> {
  const response = await fetch(`${url}/v1/events/${encodeURIComponent(eventguid)}/subscriptions?limit=100`);
  const { items } = (await response.json()) as { items: ShownSubscription[] };
  return items.find((item) => item.subscriberId === nameOf(subscriberId));
}

import { expect } from '@jest/globals';
import type { Delivered, RungEvents } from './rung-events.js';

/** What one stream is for: some events, and one cookie for all of them. */
export interface StreamPlan {
  readonly cookie: string;
  readonly eventguids: readonly string[];
}

/** Streams of so many events each. */
export interface StreamSize {
  readonly events: number;
  readonly streams: number;
}

/** What browsers send to another origin without asking. */
export const SAFE_ID = /^[0-9A-Za-z._-]{1,128}$/;

/** Longer lists are prepared: their URL would be too long for proxies. */
const MOST_IN_QUERY = 24;

/** Up to so many events the id of a stream says where each of them stands; beyond, what came last before a crash may come again. */
const MOST_IN_ID = 11;

/** One list of events for each size, and the streams that take it up, each with a cookie of its own. */
export function plansOf(sizes: readonly StreamSize[], round: number): readonly StreamPlan[] {
  return sizes.flatMap(({ events, streams }) => {
    const eventguids = Array.from({ length: events }, (_, index) => `${index} of ${events}, round ${round}`);
    return Array.from({ length: streams }, (_, index) => ({ cookie: `${events} / ${index}`, eventguids }));
  });
}

/** Every event of the plans once. */
export function eventsOf(plans: readonly StreamPlan[]): string[] {
  return [...new Set(plans.flatMap(({ eventguids }) => eventguids))];
}

/** Where the stream is opened at that hub: in the format `envelope`, by its query or by a list that was prepared for it. */
export async function streamUrl(hub: string, { cookie, eventguids }: StreamPlan): Promise<string> {
  if (eventguids.length > MOST_IN_QUERY) return preparedUrl(hub, { cookie, eventguids });
  const query = new URLSearchParams({ format: 'envelope' });
  for (const eventguid of eventguids) {
    query.append('event', eventguid);
    query.append('cookie', cookie);
  }
  return `${hub}/v1/stream?${query.toString()}`;
}

async function preparedUrl(hub: string, { cookie, eventguids }: StreamPlan): Promise<string> {
  const events = eventguids.map((eventguid) => ({ eventguid, cookie }));
  const response = await fetch(`${hub}/v1/streams`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ events, format: 'envelope' }),
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return hub + ((await response.json()) as { readonly url: string }).url;
}

/** Each trigger once and in the order of its event, with the stream's own cookie; once or more where a node was killed and its id cannot say it all. */
export function expectAll(
  { cookie, eventguids }: StreamPlan,
  texts: readonly string[],
  rung: RungEvents,
): void {
  const received = new Map(eventguids.map((eventguid): [string, string[]] => [eventguid, []]));
  for (const text of texts) {
    const delivered = JSON.parse(text) as Delivered;
    expect([delivered.eventguid, delivered.cookie]).toEqual([delivered.eventguid, cookie]);
    received.get(delivered.eventguid)?.push(delivered.data);
  }
  const mayDouble = eventguids.length > MOST_IN_ID;
  for (const [eventguid, data] of received) {
    const seen = mayDouble ? [...new Set(data)] : data;
    expect({ cookie, eventguid, seen }).toEqual({ cookie, eventguid, seen: rung.of(eventguid) });
  }
}

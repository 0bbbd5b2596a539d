import { utf8Bytes, type EventGuid } from '@ringback/contract';

/** Position, node, lease, acknowledgement and what Redis itself needs for the fields of one subscription. */
const OVERHEAD_BYTES = 400;

/** What a subscription of a named subscriber keeps in Redis: its names stand there twice, at the event and in the session. */
export function subscriptionBytes(subscriber: string, eventguid: EventGuid, cookie: string): number {
  return bytesBesideCookies(subscriber, eventguid) + utf8Bytes(cookie);
}

export function bytesBesideCookies(subscriber: string, eventguid: EventGuid): number {
  return bytesBesideNames(subscriber) + 2 * utf8Bytes(eventguid);
}

/** Without eventguid and cookie. */
export function bytesBesideNames(subscriber: string): number {
  return OVERHEAD_BYTES + 2 * utf8Bytes(subscriber);
}

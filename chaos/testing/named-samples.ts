import type { Delivered, Happening, StoredSubscription } from '../history.js';

export const NODE = 'node1';

const connecting = (connection: number, subscriber = 'n'): Happening => ({
  kind: 'connecting',
  subscriber,
  connection,
  resume: 'on-connect',
});
export const connected = (connection: number, nodeId = NODE, subscriber = 'n'): Happening[] => [
  connecting(connection, subscriber),
  { kind: 'connected', subscriber, connection, nodeId },
];
export const crashed = (connection: number): Happening => ({
  kind: 'disconnected',
  subscriber: 'n',
  connection,
  why: 'crashed',
});
export const replaced = (connection: number): Happening => ({
  kind: 'replaced',
  subscriber: 'n',
  connection,
});
export const asked = (number: number, connection: number): Happening => ({
  kind: 'asked',
  subscription: `n/e/${number}`,
  subscriber: 'n',
  eventguid: 'e',
  cookie: `of ${number}`,
  connection,
});
export const subscribed = (number: number, connection: number, position: string): Happening[] => [
  asked(number, connection),
  { kind: 'subscribed', subscription: `n/e/${number}`, eventguid: 'e', connection, position },
];
export const delivered = (
  number: number,
  connection: number,
  trigger: number,
  more: Partial<Delivered> = {},
): Happening => ({
  kind: 'delivered',
  subscription: `n/e/${number}`,
  eventguid: 'e',
  connection,
  cookie: `of ${number}`,
  position: `A:${trigger}`,
  trigger,
  ...more,
});
export const gap = (connection: number, after: string, position: string): Happening => ({
  kind: 'gap',
  subscription: 'n/e/1',
  eventguid: 'e',
  connection,
  after,
  position,
});
export const acknowledged = (acknowledgement: number, connection: number, position: string): Happening[] => [
  { kind: 'acknowledging', subscriber: 'n', connection, acknowledgement, eventguid: 'e', position },
  { kind: 'acknowledged', acknowledgement },
];
export const stored = (...subscriptions: StoredSubscription[]): Happening => ({
  kind: 'stored',
  eventguid: 'e',
  subscriptions,
  subscribers: subscriptions.length,
});
export const sessions = (listed: readonly string[], away: readonly string[] = []): Happening => ({
  kind: 'sessions',
  listed,
  away,
});
/** A long time in which nothing happens; each happening takes a millisecond. */
export const calm: Happening[] = Array.from({ length: 4_000 }, () => ({ kind: 'noted', what: 'calm' }));

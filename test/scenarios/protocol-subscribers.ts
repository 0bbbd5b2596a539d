import { StockStream, waitFor } from '@ringback/conformance';
import { TestClient } from '../support/test-client.js';
import { EVENT_HUB, EXTENDED_HUB, SignalRClient, type Protocol } from './signalr-client.js';

/** A delivery, whatever it is carried by. */
export interface Expected {
  readonly eventguid: string;
  readonly cookie: string;
  readonly data: string;
  readonly position: string;
  readonly type?: string;
  readonly ended?: true;
}

/** A stock client that is subscribed to one event. */
export interface ProtocolSubscriber {
  /** Each delivery in the shape that the client hands it over in, but for the time. */
  readonly received: () => readonly unknown[];
  readonly close: () => unknown;
}

interface SubscriberKind {
  readonly name: string;
  /** Resolves once it is subscribed. */
  readonly open: (url: string, eventguid: string, cookie: string) => Promise<ProtocolSubscriber>;
  readonly shape: (expected: Expected) => unknown;
}

/** The type that triggers have here which can have one. */
export const TYPE = 'order.paid';

const socketIo: SubscriberKind = {
  name: 'Socket.IO',
  open: async (url, eventguid, cookie) => {
    const client = await TestClient.connect(url);
    await client.subscribe(eventguid, cookie);
    const received = () =>
      client.received.map(({ meta, ...rest }) => [rest.eventguid, rest.cookie, rest.data, timeless(meta)]);
    return { received, close: () => client.close() };
  },
  shape: ({ eventguid, cookie, data, ...meta }) => [eventguid, cookie, data, meta],
};

function signalR(hub: string, protocol: Protocol): SubscriberKind {
  return {
    name: `SignalR ${hub}, ${protocol}`,
    open: async (url, eventguid, cookie) => {
      const client = await SignalRClient.connect({ url, hub, protocol });
      await client.subscribe(eventguid, cookie);
      const received = () =>
        client.received.map(([guid, own, data, ...metas]) => [guid, own, data, ...metas.map(timeless)]);
      return { received, close: () => client.close() };
    },
    shape: ({ eventguid, cookie, data, ...meta }) =>
      hub === EVENT_HUB ? [eventguid, cookie, data] : [eventguid, cookie, data, meta],
  };
}

function eventSource(format: string, shape: (expected: Expected) => unknown): SubscriberKind {
  return {
    name: `EventSource, ${format}`,
    open: async (url, eventguid, cookie) => {
      const query = new URLSearchParams([
        ['event', eventguid],
        ['cookie', cookie],
        ['format', format],
      ]);
      const stream = new StockStream(`${url}/v1/stream?${query.toString()}`, { types: [TYPE] });
      await waitFor(() => /^id: /m.test(stream.head), 'the stream');
      const received = () =>
        stream.events.map(({ data, ...rest }) => ({
          ...rest,
          data: format === 'plain' ? data : timeless(JSON.parse(data)),
        }));
      return { received, close: () => stream.close() };
    },
    shape: (expected) => ({ ...frameOf(expected), data: shape(expected) }),
  };
}

/** A topic that is the event of its path: `TOPICS` for the nodes. It says no cookie. */
const topic: SubscriberKind = {
  name: 'FubuMVC topic',
  open: async (url, eventguid) => {
    const stream = new StockStream(`${url}/_events/event/${encodeURIComponent(eventguid)}`);
    await waitFor(() => /^retry: /m.test(stream.head), 'the stream');
    return { received: () => stream.events, close: () => stream.close() };
  },
  shape: ({ data, position, type }) => {
    const id = position.replace(':', '.');
    return { type: 'message', data, lastEventId: type === undefined ? id : `${id}/${type}` };
  },
};

export const TOPICS = JSON.stringify([{ name: 'EventTopic', path: [{ name: 'Guid' }], eventguid: '{Guid}' }]);

/** What an EventSource makes of the lines `event:` and `id:`. */
function frameOf({ type = 'message', position, ended }: Expected): object {
  return { type, lastEventId: `${ended ? '0' : '1'}.${position.replace(':', '.')}` };
}

function timeless(meta: unknown): object {
  const { time, ...rest } = meta as { readonly time: unknown };
  if (typeof time !== 'number') throw new Error(`no time in ${JSON.stringify(meta)}`);
  return rest;
}

/** Every protocol that has subscribers, a line each. */
export const SUBSCRIBER_KINDS: readonly SubscriberKind[] = [
  socketIo,
  signalR(EVENT_HUB, 'json'),
  signalR(EVENT_HUB, 'messagepack'),
  signalR(EXTENDED_HUB, 'json'),
  signalR(EXTENDED_HUB, 'messagepack'),
  eventSource('plain', ({ data }) => data),
  eventSource('envelope', (expected) => expected),
  topic,
];

import { trigger } from '../support/http.js';
import { TestClient } from '../support/test-client.js';
import { EVENT_HUB, EXTENDED_HUB, SignalRClient, type Protocol } from './signalr-client.js';

/** What may be said beside the data; not by all. */
export interface TriggerOptions {
  readonly type?: string;
  readonly removeAfterSend?: true;
}

interface TriggerKind {
  readonly name: string;
  /** Resolves to the position, where the protocol answers with it. */
  readonly trigger: (
    url: string,
    eventguid: string,
    data: string,
    options: TriggerOptions,
  ) => Promise<string | undefined>;
  /** Whether it has room for a type. */
  readonly hasType: boolean;
  /** `false` where it cannot end subscriptions. */
  readonly hasOneShots?: false;
}

const http: TriggerKind = {
  name: 'HTTP',
  trigger: async (url, eventguid, data, options) => {
    const { position } = await trigger(url, eventguid, { data, ...options });
    return position;
  },
  hasType: true,
};

const socketIo: TriggerKind = {
  name: 'Socket.IO',
  trigger: async (url, eventguid, data, options) => {
    const client = await TestClient.connect(url);
    const { position } = await client.trigger(eventguid, data, options);
    client.close();
    return position;
  },
  hasType: true,
};

function signalR(hub: string, protocol: Protocol): TriggerKind {
  return {
    name: `SignalR ${hub}, ${protocol}`,
    trigger: async (url, eventguid, data, options) => {
      const { removeAfterSend = false } = options;
      const client = await SignalRClient.connect({ url, hub, protocol });
      const last = hub === EVENT_HUB ? removeAfterSend : options;
      const reply = await client.connection.invoke<{ position: string } | null>(
        'TriggerEvent',
        eventguid,
        data,
        last,
      );
      await client.close();
      return reply?.position;
    },
    hasType: hub === EXTENDED_HUB,
  };
}

/** The topic of `TOPICS`. */
const topic: TriggerKind = {
  name: 'FubuMVC topic',
  trigger: async (url, eventguid, data, { type }) => {
    const response = await fetch(`${url}/_events/event/${encodeURIComponent(eventguid)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ data, event: type }),
    });
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    return undefined;
  },
  hasType: true,
  hasOneShots: false,
};

/** Every protocol that can trigger, a line each. */
export const TRIGGER_KINDS: readonly TriggerKind[] = [
  http,
  socketIo,
  signalR(EVENT_HUB, 'json'),
  signalR(EVENT_HUB, 'messagepack'),
  signalR(EXTENDED_HUB, 'json'),
  signalR(EXTENDED_HUB, 'messagepack'),
  topic,
];

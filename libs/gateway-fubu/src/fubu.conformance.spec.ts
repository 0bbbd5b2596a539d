import {
  describeGateway,
  StockStream,
  waitFor,
  type ClientDelivery,
  type GatewayClient,
} from '@ringback/conformance';
import { formatPosition, parseData, parseEventGuid } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import { KEPT_EVENTS, type EventQueue } from './event-queue.js';
import { FUBU_WRITER, type EventWriter } from './event-writer.js';
import { TopicTestServer } from './testing/topic-test-server.js';
import { Topic } from './topic.js';

type TriggerOptions = Parameters<GatewayClient['trigger']>[2];

/** Clients of other protocols get what comes, and not what is kept, and get it exactly: so does who begins here. */
class GuidTopic extends Topic {
  static override readonly definition = { query: [{ name: 'Guid' }], eventguid: '{Guid}' };
  override readonly queue: EventQueue = {
    find: (kept, arrival) => (arrival.lastEventId === undefined ? [] : KEPT_EVENTS.find(kept, arrival)),
  };
  /** Lines come as they were, whatever ended them. */
  override readonly writer: EventWriter = {
    write: (event) => FUBU_WRITER.write({ ...event, data: JSON.stringify(event.data) }),
  };
}

/** What a page would write: an EventSource for each subscription, which knows by itself what it is for. Who triggers uses another protocol. */
class StockClient implements GatewayClient {
  readonly presences = [];
  readonly deliveries: ClientDelivery[] = [];
  private readonly streams: StockStream[] = [];

  constructor(
    private readonly hub: Hub,
    private readonly served: TopicTestServer,
    private readonly token: string | undefined,
  ) {}

  get closed(): boolean {
    return this.streams.length > 0 && this.streams.every(({ isAlive }) => !isAlive);
  }

  get closedFor(): string | undefined {
    const [, name] = this.streams.map(({ head }) => /^: (.*)$/m.exec(head)).find(Boolean) ?? [];
    return name;
  }

  async subscribe(eventguid: string, cookie: string) {
    const headers: Record<string, string> =
      this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` };
    const stream = new StockStream(this.served.at(`guid?Guid=${encodeURIComponent(eventguid)}`), { headers });
    stream.source.addEventListener('error', () => stream.close()); // it would come back
    stream.source.addEventListener('message', ({ data }) => {
      this.deliveries.push({ eventguid, cookie, data: JSON.parse(String(data)) as string });
    });
    await waitFor(() => stream.problems.length > 0 || stream.head !== '', 'the first block');
    if (stream.problems[0]) throw Object.assign(new Error('Refused.'), stream.problems[0]);
    this.streams.push(stream);
    return {};
  }

  unsubscribe(): Promise<void> {
    throw new Error('An EventSource can only be closed.');
  }

  async trigger(eventguid: string, data?: unknown, { removeAfterSend = false }: TriggerOptions = {}) {
    const trigger = { eventguid: parseEventGuid(eventguid), data: parseData(data), removeAfterSend };
    const { position, subscribers } = await this.hub.trigger({ name: 'anybody' }, trigger);
    return { position: formatPosition(position), subscribers };
  }

  async close(): Promise<void> {
    this.destroy();
    await waitFor(() => this.closed, 'the end of the streams');
  }

  destroy(): void {
    for (const stream of this.streams) stream.close();
  }

  stall(): void {
    for (const stream of this.streams) stream.stall();
  }
}

describeGateway('FubuMVC', {
  capabilities: {
    positions: false,
    labels: false,
    recovery: false,
    subscribesAnyTime: false,
    cookies: false,
    changesCookie: false,
    unsubscribes: false,
    endsByCookie: false,
    triggers: false,
    triggerOptions: false,
    codes: true,
    named: false,
    receipts: false,
    presence: false,
    untyped: false,
  },
  async serve(hub) {
    const topics = [{ class: GuidTopic, topic: new GuidTopic() }];
    const served = await TopicTestServer.start(hub, { topics });
    return {
      connect: ({ token } = {}) => Promise.resolve(new StockClient(hub, served, token)),
      close: () => served.close(),
    };
  },
});

import {
  describeGateway,
  StockStream,
  waitFor,
  type ClientDelivery,
  type GatewayClient,
} from '@ringback/conformance';
import { formatPosition, parseData, parseEventGuid, type Presence } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import { GatewayTestServer } from './testing/gateway-test-server.js';

type PresenceEvent = Presence & { readonly eventguid: string };
type Options = Parameters<GatewayClient['subscribe']>[2];
type TriggerOptions = Parameters<GatewayClient['trigger']>[2];

/** What a page would write: an EventSource for each subscription. Who triggers uses another protocol. */
class StockClient implements GatewayClient {
  private readonly streams: StockStream[] = [];

  constructor(
    private readonly hub: Hub,
    private readonly served: GatewayTestServer,
    private readonly token: string | undefined,
  ) {}

  get deliveries(): readonly ClientDelivery[] {
    return this.streams.flatMap((stream) => stream.of('message').map(parse)) as ClientDelivery[];
  }

  get presences(): GatewayClient['presences'] {
    const seen = this.streams.flatMap((stream) => stream.of('ringback.presence').map(parse));
    return (seen as PresenceEvent[]).map(({ eventguid, ...presence }) => ({ eventguid, presence }));
  }

  get closed(): boolean {
    return this.streams.length > 0 && this.streams.every(({ isAlive }) => !isAlive);
  }

  get closedFor(): string | undefined {
    const [close] = this.streams.flatMap((stream) => stream.of('ringback.close').map(parse));
    return (close as { readonly name: string } | undefined)?.name;
  }

  async subscribe(eventguid: string, cookie: string, { after, presence = false }: Options = {}) {
    const id = after === undefined ? '' : `&lastEventId=1.${after.replace(':', '.')}`;
    const url = this.served.stream([[eventguid, cookie]], `&format=envelope&presence=${presence}${id}`);
    const headers: Record<string, string> =
      this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` };
    const stream = new StockStream(url, { headers });
    stream.source.addEventListener('error', () => stream.close()); // it would come back
    await waitFor(() => stream.problems.length > 0 || /^id: .*\n\n/m.test(stream.head), 'the first block');
    if (stream.problems[0]) throw Object.assign(new Error('Refused.'), stream.problems[0]);
    this.streams.push(stream);
    const recovered = stream.responses[0]?.headers.get('Ringback-Recovered');
    const [, epoch, offset] = /^id: 1\.(.*)\.(.*)$/m.exec(stream.head) ?? [];
    return { position: `${epoch}:${offset}`, ...(recovered && { recovered: recovered === 'true' }) };
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

function parse({ data }: { readonly data: string }): unknown {
  return JSON.parse(data);
}

describeGateway('EventSource', {
  capabilities: {
    positions: true,
    labels: true,
    recovery: true,
    subscribesAnyTime: false,
    cookies: true,
    changesCookie: false,
    unsubscribes: false,
    endsByCookie: false,
    triggers: false,
    triggerOptions: false,
    codes: true,
    named: false,
    receipts: false,
    presence: true,
    untyped: false,
  },
  async serve(hub) {
    const served = await GatewayTestServer.start(hub);
    return {
      connect: ({ token } = {}) => Promise.resolve(new StockClient(hub, served, token)),
      close: () => served.close(),
    };
  },
});

import type { ServerOptions } from 'socket.io';
import { RingbackClient } from '../src/client.js';
import type { ClientOptions, ErrorContext } from '../src/client-options.js';
import type { Delivery, Gap } from '../src/delivery.js';
import type { Status } from '../src/status.js';
import { FakeHub } from './fake-hub.js';

/** A client and all that it told. */
export interface Told {
  readonly client: RingbackClient;
  readonly statuses: Status[];
  readonly gaps: Gap[];
  readonly errors: { readonly error: unknown; readonly context: ErrorContext }[];
  readonly deliveries: Delivery[];
  /** Keeps what is delivered. */
  readonly keep: (delivery: Delivery) => void;
}

/** Hubs and clients of one test, all of them closed at its end. */
export class Setting {
  private readonly hubs: FakeHub[] = [];
  private readonly clients: RingbackClient[] = [];

  async hub(port = 0, options: Partial<ServerOptions> = {}): Promise<FakeHub> {
    const hub = await FakeHub.start(port, options);
    this.hubs.push(hub);
    return hub;
  }

  client(hub: Pick<FakeHub, 'url'>, options: Partial<ClientOptions> = {}): Told {
    const statuses: Status[] = [];
    const gaps: Gap[] = [];
    const errors: { error: unknown; context: ErrorContext }[] = [];
    const deliveries: Delivery[] = [];
    const client = new RingbackClient({
      url: hub.url,
      minDelayMs: 1,
      maxDelayMs: 5,
      onStatus: (status) => statuses.push(status),
      onGap: (gap) => gaps.push(gap),
      onError: (error, context) => errors.push({ error, context }),
      ...options,
    });
    this.clients.push(client);
    const keep = (delivery: Delivery): void => void deliveries.push(delivery);
    return { client, statuses, gaps, errors, deliveries, keep };
  }

  async connected(hub: FakeHub, options: Partial<ClientOptions> = {}): Promise<Told> {
    const told = this.client(hub, options);
    await told.client.connect();
    return told;
  }

  async close(): Promise<void> {
    for (const client of this.clients.splice(0)) client.close();
    await Promise.all(this.hubs.splice(0).map((hub) => hub.stop()));
  }
}

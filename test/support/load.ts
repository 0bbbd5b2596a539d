import { connect, type RingbackClient } from '@ringback/client';
import { waitFor } from '@ringback/conformance';
import { Steady } from './steady.js';

/** SDK subscribers of one event, and SDK clients that trigger it at a steady pace; what was accepted and what arrived. */
export class Load {
  /** Offsets that each subscriber received, in order of arrival. */
  readonly received: number[][] = [];
  readonly accepted: number[] = [];
  readonly refused: unknown[] = [];
  gaps = 0;
  /** The longest time for which a subscriber had no connection. */
  longestAwayMs = 0;
  /** When subscribers lost their connection, in milliseconds since 1970. */
  readonly lostAt: number[] = [];
  private readonly clients: RingbackClient[] = [];
  private triggers: Steady | undefined;

  constructor(
    private readonly url: string,
    private readonly eventguid: string,
  ) {}

  async subscribe(count: number): Promise<void> {
    for (let index = 0; index < count; index++) await this.addSubscriber(`cookie ${index}`);
  }

  /** Subscribers that the hub knows by name. */
  async subscribeDurably(count: number): Promise<void> {
    for (let index = 0; index < count; index++) await this.addSubscriber('durable', `durable ${index}`);
  }

  /** Begins to trigger so many times a second on average; a trigger is repeated with its key until it is accepted. */
  async begin(perSecond: number): Promise<void> {
    const client = await this.connect();
    this.triggers = new Steady(perSecond, () => this.trigger(client));
  }

  /** Waits until so many triggers have been accepted. */
  async reach(count: number): Promise<void> {
    await waitFor(() => this.accepted.length >= count, `${count} triggers`, 30_000);
  }

  /** Ends the triggering; resolves when every subscriber has received the last accepted trigger. */
  async end(): Promise<void> {
    await this.triggers?.end();
    await this.receive(Math.max(...this.accepted));
  }

  /** Resolves when every subscriber has received this offset, and nothing after it. */
  async receive(last: number): Promise<void> {
    const complete = (): boolean => this.received.every((offsets) => offsets.at(-1) === last);
    await waitFor(complete, 'the last delivery', 20_000);
  }

  close(): void {
    this.triggers?.stop(); // where a test failed before its end
    for (const client of this.clients) client.close();
  }

  private async trigger(client: RingbackClient): Promise<void> {
    try {
      const { position } = await client.trigger(this.eventguid, 'x', { retryForMs: 20_000 });
      this.accepted.push(offsetOf(position));
    } catch (error) {
      this.refused.push(error);
    }
  }

  private async addSubscriber(cookie: string, subscriberId?: string): Promise<void> {
    const offsets: number[] = [];
    this.received.push(offsets);
    const client = await this.connect(subscriberId);
    await client.subscribe(this.eventguid, cookie, ({ position }) => void offsets.push(offsetOf(position)));
  }

  private async connect(subscriberId?: string): Promise<RingbackClient> {
    let awaySince = 0;
    const client = await connect({
      url: this.url,
      ...(subscriberId !== undefined && { subscriberId }),
      minDelayMs: 50,
      maxDelayMs: 500,
      onGap: () => this.gaps++,
      onError: () => undefined, // what goes wrong shows in what is missing
      onStatus: ({ state }) => {
        if (state === 'reconnecting' && awaySince === 0) this.lostAt.push((awaySince = Date.now()));
        if (state === 'connected' && awaySince > 0) {
          this.longestAwayMs = Math.max(this.longestAwayMs, Date.now() - awaySince);
          awaySince = 0;
        }
      },
    });
    this.clients.push(client);
    return client;
  }
}

function offsetOf(position: string): number {
  return Number(position.split(':')[1]);
}

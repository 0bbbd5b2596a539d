import { connect, type RingbackClient } from '@ringback/client';
import { waitFor } from '@ringback/conformance';
import { setTimeout as pause } from 'node:timers/promises';

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
  private triggering = false;
  private done: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly eventguid: string,
  ) {}

  async subscribe(count: number): Promise<void> {
    for (let index = 0; index < count; index++) await this.addSubscriber(index);
  }

  /** Begins to trigger so many times a second on average; a trigger is repeated with its key until it is accepted. */
  async begin(perSecond: number): Promise<void> {
    const client = await this.connect();
    this.triggering = true;
    this.done = this.run(client, perSecond);
  }

  /** Waits until so many triggers have been accepted. */
  async reach(count: number): Promise<void> {
    await waitFor(() => this.accepted.length >= count, `${count} triggers`, 30_000);
  }

  /** Ends the triggering; resolves when every subscriber has received the last accepted trigger. */
  async end(): Promise<void> {
    this.triggering = false;
    await this.done;
    const last = Math.max(...this.accepted);
    const complete = (): boolean => this.received.every((offsets) => offsets.at(-1) === last);
    await waitFor(complete, 'the last delivery', 20_000);
  }

  close(): void {
    this.triggering = false; // where a test failed before its end
    for (const client of this.clients) client.close();
  }

  private async run(client: RingbackClient, perSecond: number): Promise<void> {
    const pending: Promise<void>[] = [];
    const beganAt = performance.now();
    while (this.triggering) {
      // By the clock: thousands of deliveries a second hold this process up, which must not slow the triggers down.
      const due = ((performance.now() - beganAt) / 1_000) * perSecond;
      // But never more than a second's triggers unanswered: a machine that cannot keep up would fall behind without end.
      const allowed = this.accepted.length + this.refused.length + perSecond;
      while (pending.length < Math.min(due, allowed)) pending.push(this.trigger(client));
      await pause(1_000 / perSecond);
    }
    await Promise.all(pending);
  }

  private async trigger(client: RingbackClient): Promise<void> {
    try {
      const { position } = await client.trigger(this.eventguid, 'x', { retryForMs: 20_000 });
      this.accepted.push(offsetOf(position));
    } catch (error) {
      this.refused.push(error);
    }
  }

  private async addSubscriber(index: number): Promise<void> {
    const offsets: number[] = [];
    this.received.push(offsets);
    const client = await this.connect();
    await client.subscribe(
      this.eventguid,
      `cookie ${index}`,
      ({ position }) => void offsets.push(offsetOf(position)),
    );
  }

  private async connect(): Promise<RingbackClient> {
    let awaySince = 0;
    const client = await connect({
      url: this.url,
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

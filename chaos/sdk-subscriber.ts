import { setTimeout as delay } from 'node:timers/promises';
import { connect, HubError, type Gap, type RingbackClient, type Subscription } from '@ringback/client';
import type { History } from './history.js';
import { RecordedSubscription, type Subscriber } from './subscriber.js';

const REPEAT_AFTER_MS = 300;
const LOOK_EVERY_MS = 250;

interface Held {
  readonly recorded: RecordedSubscription;
  known?: Subscription;
}

/** A subscriber with the SDK, which reconnects and recovers by itself. */
export class SdkSubscriber implements Subscriber {
  private readonly held = new Map<string, Held>();
  private readonly looking: NodeJS.Timeout;
  private closed = false;

  private constructor(
    readonly name: string,
    private readonly client: RingbackClient,
    private readonly history: History,
    private readonly isNamed: boolean,
  ) {
    this.looking = setInterval(() => this.lookForEnded(), LOOK_EVERY_MS);
  }

  /** As a named subscriber where it is given a `subscriberId`: the SDK then acknowledges what its handlers have taken. */
  static async connect(
    name: string,
    url: string,
    history: History,
    subscriberId?: string,
  ): Promise<SdkSubscriber> {
    const client = await connect({
      url,
      ...(subscriberId !== undefined && { subscriberId }),
      minDelayMs: 50,
      maxDelayMs: 500,
      timeoutMs: 4_000,
      onGap: (gap) => subscriber.gap(gap),
      onError: (error, context) =>
        history.add({ kind: 'noted', what: `${name}: ${String(error)} ${JSON.stringify(context)}` }),
    });
    const subscriber = new SdkSubscriber(name, client, history, subscriberId !== undefined);
    return subscriber;
  }

  subscribe(eventguid: string): void {
    const recorded = new RecordedSubscription(this.name, eventguid, this.history);
    const held: Held = { recorded };
    this.held.set(eventguid, held);
    this.begin(held);
  }

  renew(eventguid: string): void {
    const held = this.held.get(eventguid);
    if (!held?.known || held.recorded.over) return;
    held.recorded.end('unsubscribed');
    this.unsubscribe(eventguid)
      .then(() => this.subscribe(eventguid))
      .catch(() => undefined); // only when closed
  }

  close(): void {
    this.closed = true;
    clearInterval(this.looking);
    this.client.close();
  }

  private begin(held: Held): void {
    this.store(held).catch((error: unknown) => this.failed(held, error));
  }

  private async store(held: Held): Promise<void> {
    const { recorded } = held;
    held.known = await this.client.subscribe(recorded.eventguid, recorded.cookie, (delivery) => {
      recorded.delivered(delivery);
      if (delivery.ended === true) this.again(held, 'one-shot');
    });
    recorded.subscribed(held.known.position);
  }

  private failed(held: Held, error: unknown): void {
    if (this.closed || held.recorded.over) return;
    // A session keeps what may have been stored all the same: the same cookie asks again.
    if (!this.isNamed) held.recorded.end(`refused: ${HubError.from(error).code}`);
    setTimeout(() => {
      if (this.closed) return;
      if (this.isNamed) this.begin(held);
      else this.subscribe(held.recorded.eventguid);
    }, REPEAT_AFTER_MS);
  }

  /** Once this resolves, the hub keeps nothing of it. */
  private async unsubscribe(eventguid: string): Promise<void> {
    while (!this.closed) {
      try {
        await this.client.unsubscribe(eventguid);
        return;
      } catch {
        await delay(REPEAT_AFTER_MS);
      }
    }
    throw new Error('The subscriber was closed.');
  }

  private again(held: Held, why: string): void {
    if (held.recorded.over) return;
    held.recorded.end(why);
    setImmediate(() => this.closed || this.subscribe(held.recorded.eventguid));
  }

  /** A subscription may be over without a delivery that says so: refused after a reconnect, or its last delivery lost. */
  private lookForEnded(): void {
    for (const held of this.held.values()) {
      if (held.known?.ended !== true || held.recorded.over) continue;
      this.again(held, `the SDK says ${held.known.state}`);
    }
  }

  private gap({ eventguid, after, position }: Gap): void {
    this.held.get(eventguid)?.recorded.gap(after, position);
  }
}

import type { Delivered, History } from './history.js';

/** One program that is subscribed to events and records what happens to it. */
export interface Subscriber {
  readonly name: string;
  /** Subscribes, and again whenever the subscription has ended, until `close`. */
  subscribe(eventguid: string): void;
  /** Ends the subscription; it is made again at once, with another cookie. */
  renew(eventguid: string): void;
  close(): void;
}

/** A subscription as its subscriber knows it, and the one way in which it is recorded. */
export class RecordedSubscription {
  private static made = 0;

  readonly subscription: string;
  /** Nobody else has it; what is not plain ASCII is to come back byte for byte, too. */
  readonly cookie: string;
  /** The last position delivered, else where it began. */
  last: string | undefined;
  over = false;
  private answered = false;

  constructor(
    readonly subscriber: string,
    readonly eventguid: string,
    private readonly history: History,
  ) {
    this.subscription = `${subscriber}/${eventguid}/${++RecordedSubscription.made}`;
    this.cookie = `${this.subscription} "\t⌘`;
    history.add({ kind: 'asked', ...this.names, subscriber, cookie: this.cookie });
  }

  subscribed(position: string): void {
    if (this.answered) return;
    this.answered = true;
    this.history.add({ kind: 'subscribed', ...this.names, position });
  }

  delivered(
    delivery: Pick<Delivered, 'cookie' | 'position' | 'recovered' | 'ended'> & { data: unknown },
  ): void {
    const { data, cookie, position, recovered, ended } = delivery;
    this.last = position;
    const marks = { ...(recovered !== undefined && { recovered }), ...(ended !== undefined && { ended }) };
    this.history.add({
      kind: 'delivered',
      ...this.names,
      cookie,
      position,
      trigger: Number(data),
      ...marks,
    });
  }

  gap(after: string | undefined, position: string): void {
    this.history.add({ kind: 'gap', ...this.names, ...(after && { after }), position });
  }

  end(why: string): void {
    if (this.over) return;
    this.over = true;
    this.history.add({ kind: 'ended', ...this.names, why });
  }

  private get names(): { subscription: string; eventguid: string } {
    return { subscription: this.subscription, eventguid: this.eventguid };
  }
}

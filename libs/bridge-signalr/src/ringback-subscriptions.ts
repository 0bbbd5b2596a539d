import { HubError, METHODS } from '@ringback/contract';
import { pause } from './pause.js';
import type { ReconnectingLink } from './reconnecting-link.js';
import { isRecord } from './ringback-answers.js';

/** Stands where a subscriber's cookie does: the bridge needs none. */
const COOKIE = 'bridge';
/** Subscriptions that are sent without waiting for the answers to those before. */
const SENT_AT_A_TIME = 100;
/** How soon a subscription is tried again that the remote hub refused. */
const RETRY_MS = 5_000;

export interface SubscriptionsListener {
  /** Events were lost there. */
  onGap(eventguid: string): void;
  onFailed(message: string, eventguid: string, error: unknown): void;
}

/** What a bridge is subscribed to at another Ringback. */
export class RingbackSubscriptions {
  private readonly wanted = new Set<string>();
  private readonly aborted = new AbortController();

  constructor(
    private readonly link: Pick<ReconnectingLink, 'open' | 'invoke'>,
    private readonly listener: SubscriptionsListener,
  ) {}

  has(eventguid: string): boolean {
    return this.wanted.has(eventguid);
  }

  /** Remembered; sent now if the link is open. */
  add(eventguid: string): void {
    this.wanted.add(eventguid);
    if (this.link.open) this.again(eventguid);
  }

  /** Forgotten; ended there if the link is open. */
  remove(eventguid: string): void {
    this.wanted.delete(eventguid);
    if (!this.link.open) return;
    this.link
      .invoke(METHODS.unsubscribe, eventguid)
      .catch((error: unknown) => this.listener.onFailed('not unsubscribed', eventguid, error));
  }

  /** Nothing is tried again any more. */
  close(): void {
    this.aborted.abort();
  }

  /** Rejects if the link is lost meanwhile. */
  async sendAll(): Promise<void> {
    const eventguids = [...this.wanted];
    for (let start = 0; start < eventguids.length; start += SENT_AT_A_TIME) {
      const batch = eventguids.slice(start, start + SENT_AT_A_TIME);
      await Promise.all(batch.map((eventguid) => this.send(eventguid)));
    }
  }

  /** Sends it in the background, if it is still wanted. With `after`, nothing since is missed. */
  again(eventguid: string, after?: string): void {
    if (!this.wanted.has(eventguid)) return;
    this.send(eventguid, after).catch((error: unknown) =>
      this.listener.onFailed('subscription not sent', eventguid, error),
    );
  }

  /** Rejects only if the link is lost, after which all is sent anew. */
  private async send(eventguid: string, after?: string): Promise<void> {
    try {
      const options = after === undefined ? null : { after };
      const reply = await this.link.invoke(METHODS.subscribe, eventguid, COOKIE, options);
      if (isRecord(reply) && reply['recovered'] === false) this.listener.onGap(eventguid);
    } catch (error) {
      if (HubError.from(error).code === 'closed') throw error;
      this.listener.onFailed('subscription refused', eventguid, error);
      this.retry(eventguid).catch((failure: unknown) =>
        this.listener.onFailed('not tried again', eventguid, failure),
      );
    }
  }

  private async retry(eventguid: string): Promise<void> {
    await pause(RETRY_MS, this.aborted.signal);
    if (this.link.open && !this.aborted.signal.aborted) this.again(eventguid);
  }
}

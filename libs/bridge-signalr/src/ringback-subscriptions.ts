import { HubError, METHODS, parsePosition } from '@ringback/contract';
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

/** One event that a bridge is to be subscribed to. */
interface Wanted {
  /** The one-shot from which on it is to be subscribed again, until that is done. */
  after: string | undefined;
  /** Where the event stood when the subscription was last answered. */
  position: string | undefined;
  /** How often the bridge has gone back to a one-shot: what came before that comes again. */
  round: number;
  /** What was sent last: one after the other. */
  sending: Promise<boolean>;
}

/** What a bridge is subscribed to at another Ringback. */
export class RingbackSubscriptions {
  private readonly wanted = new Map<string, Wanted>();
  private readonly aborted = new AbortController();

  constructor(
    private readonly link: Pick<ReconnectingLink, 'open' | 'invoke'>,
    private readonly listener: SubscriptionsListener,
  ) {}

  has(eventguid: string): boolean {
    return this.wanted.has(eventguid);
  }

  /** What has come in an earlier round is left. */
  round(eventguid: string): number {
    return this.wanted.get(eventguid)?.round ?? 0;
  }

  /** Remembered; sent now if the link is open. */
  add(eventguid: string): void {
    if (!this.wanted.has(eventguid)) {
      const sending = Promise.resolve(false);
      this.wanted.set(eventguid, { after: undefined, position: undefined, round: 0, sending });
    }
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
    const all = [...this.wanted];
    for (let start = 0; start < all.length; start += SENT_AT_A_TIME) {
      const batch = all.slice(start, start + SENT_AT_A_TIME);
      await Promise.all(batch.map(([eventguid, wanted]) => this.send(eventguid, wanted)));
    }
  }

  /** Sends it in the background, if it is still wanted. */
  again(eventguid: string): void {
    const wanted = this.wanted.get(eventguid);
    if (!wanted) return;
    this.send(eventguid, wanted).catch((error: unknown) =>
      this.listener.onFailed('subscription not sent', eventguid, error),
    );
  }

  /**
   * A one-shot has ended the subscription: it is subscribed to again from there, so that nothing since is missed, and then acknowledged. Resolves to
   * whether that is done; if not, it is not wanted, or will be tried again. Rejects if the link is lost meanwhile.
   */
  async renew(eventguid: string, after: string): Promise<boolean> {
    const wanted = this.wanted.get(eventguid);
    if (!wanted) return false;
    await wanted.sending;
    wanted.after = after;
    // It had come before the bridge subscribed on its return: what lies between is not delivered to a subscription that began later.
    if (isBehind(after, wanted.position)) {
      await this.link.invoke(METHODS.unsubscribe, eventguid);
      wanted.round++;
    }
    return this.send(eventguid, wanted);
  }

  private send(eventguid: string, wanted: Wanted): Promise<boolean> {
    const before = wanted.sending.catch(() => 'told to whoever sent it');
    wanted.sending = before.then(() => this.attempt(eventguid, wanted));
    return wanted.sending;
  }

  /** Rejects only if the link is lost, after which all is sent anew. */
  private async attempt(eventguid: string, wanted: Wanted): Promise<boolean> {
    if (this.wanted.get(eventguid) !== wanted) return false;
    const { after } = wanted;
    try {
      const options = after === undefined ? null : { after };
      const reply = await this.link.invoke(METHODS.subscribe, eventguid, COOKIE, options);
      this.read(eventguid, wanted, reply);
      if (after !== undefined) await this.link.invoke(METHODS.acknowledge, eventguid, after);
      if (wanted.after === after) wanted.after = undefined;
      return after !== undefined;
    } catch (error) {
      if (HubError.from(error).code === 'closed') throw error;
      this.listener.onFailed('subscription refused', eventguid, error);
      this.retry(eventguid).catch((failure: unknown) =>
        this.listener.onFailed('not tried again', eventguid, failure),
      );
      return false;
    }
  }

  private read(eventguid: string, wanted: Wanted, reply: unknown): void {
    if (!isRecord(reply)) return;
    if (typeof reply['position'] === 'string') wanted.position = reply['position'];
    if (reply['recovered'] === false) this.listener.onGap(eventguid);
  }

  private async retry(eventguid: string): Promise<void> {
    await pause(RETRY_MS, this.aborted.signal);
    if (this.link.open && !this.aborted.signal.aborted) this.again(eventguid);
  }
}

function isBehind(one: string, other: string | undefined): boolean {
  if (other === undefined) return false;
  const [before, after] = [parsePosition(one), parsePosition(other)];
  return before.epoch === after.epoch && before.offset < after.offset;
}

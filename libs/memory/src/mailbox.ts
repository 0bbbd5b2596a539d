import type { EventGuid } from '@ringback/contract';
import type { RelayListener } from '@ringback/core';

/** One call of the listener that waits for its turn. */
interface Message {
  readonly eventguid: EventGuid;
  /** The following that it was posted under: one that has ended since gets nothing. */
  readonly following: symbol;
  readonly hand: (listener: RelayListener) => void;
}

/** What one node follows, and what it has not heard yet. */
export class Mailbox {
  private readonly followings = new Map<EventGuid, symbol>();
  private waiting: Message[] = [];
  private listener: RelayListener | undefined;

  listen(listener: RelayListener): void {
    this.listener = listener;
  }

  follow(eventguid: EventGuid): void {
    if (!this.followings.has(eventguid)) this.followings.set(eventguid, Symbol(eventguid));
  }

  unfollow(eventguid: EventGuid): void {
    this.followings.delete(eventguid);
  }

  /** Hands a message over in a later turn, if the node follows the event. Answers whether it does. */
  post(eventguid: EventGuid, hand: (listener: RelayListener) => void): boolean {
    const following = this.followings.get(eventguid);
    if (!following) return false;
    this.waiting.push({ eventguid, following, hand });
    if (this.waiting.length === 1) setImmediate(() => this.handOver());
    return true;
  }

  /** Resolves once all that has been posted before is handed over. */
  flushed(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  private handOver(): void {
    const messages = this.waiting;
    this.waiting = [];
    for (const { eventguid, following, hand } of messages) {
      if (this.listener && this.followings.get(eventguid) === following) hand(this.listener);
    }
  }
}

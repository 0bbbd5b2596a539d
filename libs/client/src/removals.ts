import { HubError } from '@ringback/contract';
import type { Commands } from './commands.js';
import type { Link } from './transports/transport.js';

/**
 * Subscriptions that the hub may hold and is to forget: those that have ended here, and those that it was asked for without a reply. Until they are
 * settled it would take the next subscribe to their event for a new cookie, and not read `after`.
 */
export class Removals {
  private readonly owed = new Map<string, Link>();

  constructor(private readonly commands: Commands) {}

  owe(eventguid: string, link: Link): void {
    this.owed.set(eventguid, link);
  }

  /** Has the hub end what is owed for the event. When it rejects, that is still owed. */
  async settle(eventguid: string): Promise<void> {
    const link = this.owed.get(eventguid);
    if (!link) return;
    try {
      await this.commands.sendOn(link, (it, timeoutMs) => it.unsubscribe(eventguid, timeoutMs));
    } catch (error) {
      // The hub ends what a connection holds together with the connection.
      if (HubError.from(error).code !== 'closed') throw error;
    }
    this.owed.delete(eventguid);
  }

  /** The link is gone, and at the hub all that it held. */
  lost(): void {
    this.owed.clear();
  }
}

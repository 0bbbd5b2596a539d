import { HubError } from '@ringback/contract';
import type { Commands } from './commands.js';
import type { Keeper } from './keeper.js';
import type { Link } from './transports/transport.js';

/**
 * Subscriptions that the hub may hold and is to forget: those that have ended here, and those that it was asked for without a reply. Until they are
 * settled it would take the next subscribe to their event for a new cookie, and not read `after`.
 */
export class Removals {
  /** With the link that they are to be forgotten on, if the hub keeps them for a connection. */
  private readonly owed = new Map<string, Link | undefined>();

  constructor(
    private readonly commands: Commands,
    private readonly keeper: Keeper,
  ) {}

  owe(eventguid: string, link: Link | undefined): void {
    if (this.keeper === 'session') this.owed.set(eventguid, undefined);
    else if (link) this.owed.set(eventguid, link);
  }

  /** Has the hub end what is owed for the event. Resolves to whether there was something; when it rejects, that is still owed. */
  async settle(eventguid: string): Promise<boolean> {
    if (!this.owed.has(eventguid)) return false;
    const link = this.owed.get(eventguid);
    if (link) await this.removeOn(link, eventguid);
    else await this.commands.sendUntilAnswered((it, timeoutMs) => it.unsubscribe(eventguid, timeoutMs));
    this.owed.delete(eventguid);
    return true;
  }

  /** The link is gone, and at the hub all that the connection held. */
  lost(): void {
    if (this.keeper === 'connection') this.owed.clear();
  }

  private async removeOn(link: Link, eventguid: string): Promise<void> {
    try {
      await this.commands.sendOn(link, (it, timeoutMs) => it.unsubscribe(eventguid, timeoutMs));
    } catch (error) {
      // The hub ends what a connection holds together with the connection.
      if (HubError.from(error).code !== 'closed') throw error;
    }
  }
}

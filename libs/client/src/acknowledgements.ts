import { HubError, formatPosition, type Position } from '@ringback/contract';
import { backoffMs } from './backoff.js';
import type { Settings } from './client-options.js';
import type { Commands } from './commands.js';
import type { Observers } from './observers.js';
import type { Reconnector } from './reconnect.js';
import type { Link } from './transports/transport.js';

interface Owed {
  position: Position;
  /** The link on which the hub is being told. */
  telling?: Link | undefined;
  /** How often in a row it could not be told. */
  failures: number;
  cancelRetry: () => void;
}

/** The parts of the client that acknowledgements go through. */
export interface AcknowledgementParts {
  readonly reconnector: Reconnector;
  readonly commands: Commands;
  readonly observers: Observers;
  readonly settings: Settings;
  /** Whether the hub can take it on this link: it must have resumed the event there. */
  mayTell(eventguid: string, link: Link): boolean;
  /** The hub knows all that is to be said of the event. */
  onSettled(eventguid: string): void;
}

/**
 * How far events were processed, on its way to the hub: one command per event at a time, then the newest position, which covers those
 * before it. What is lost with a link is told on the next one.
 */
export class Acknowledgements {
  private readonly owed = new Map<string, Owed>();

  constructor(private readonly parts: AcknowledgementParts) {}

  /** The hub is to know it. Positions of one event come in order. */
  note(eventguid: string, position: Position): void {
    const owed = this.owed.get(eventguid);
    if (owed) owed.position = position;
    else this.owed.set(eventguid, { position, failures: 0, cancelRetry: () => undefined });
    if (!owed?.failures) this.tell(eventguid);
  }

  isOwed(eventguid: string): boolean {
    return this.owed.has(eventguid);
  }

  /** Tells the hub what it is owed of the event, if it can be told now. */
  tell(eventguid: string): void {
    const link = this.parts.reconnector.present;
    const owed = this.owed.get(eventguid);
    if (!link || !owed || owed.telling === link || !this.parts.mayTell(eventguid, link)) return;
    this.parts.observers.background(this.send(link, eventguid, owed), { eventguid });
  }

  tellAll(): void {
    for (const eventguid of this.owed.keys()) this.tell(eventguid);
  }

  forget(eventguid: string): void {
    this.owed.get(eventguid)?.cancelRetry();
    this.owed.delete(eventguid);
  }

  lost(): void {
    for (const owed of this.owed.values()) {
      owed.cancelRetry();
      owed.failures = 0;
    }
  }

  private async send(link: Link, eventguid: string, owed: Owed): Promise<void> {
    const { position } = owed;
    owed.telling = link;
    const failure = await this.failureOf(link, eventguid, position);
    if (owed.telling !== link) return; // it was told on a newer one meanwhile
    owed.telling = undefined;
    if (this.owed.get(eventguid) !== owed) return;
    if (failure?.temporary) return this.tellLater(link, eventguid, owed);
    owed.failures = 0;
    // The session holds nothing of the event, or not any more: nothing is left that could come again.
    if (failure && failure.code !== 'not-found') this.parts.observers.error(failure, { eventguid });
    if (owed.position !== position) return this.tell(eventguid);
    this.owed.delete(eventguid);
    this.parts.onSettled(eventguid);
  }

  private async failureOf(link: Link, eventguid: string, position: Position): Promise<HubError | undefined> {
    try {
      await this.parts.commands.sendOn(link, (it, timeoutMs) =>
        it.acknowledge(eventguid, formatPosition(position), timeoutMs),
      );
      return undefined;
    } catch (error) {
      return HubError.from(error);
    }
  }

  /** On a link that is gone, never: the next one begins with it. */
  private tellLater(link: Link, eventguid: string, owed: Owed): void {
    const { reconnector, settings } = this.parts;
    if (!reconnector.isCurrent(link)) return;
    owed.failures++;
    owed.cancelRetry = settings.clock.after(backoffMs(owed.failures, settings), () => this.tell(eventguid));
  }
}

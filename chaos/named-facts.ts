import type { Delivered, Entry, GapNoticed } from './history.js';
import type { Placed } from './placed.js';
import type { Acknowledging, Connecting } from './named-happenings.js';

/** One time that a named subscriber left a cookie. */
export interface NamedAsk {
  readonly subscription: string;
  readonly cookie: string;
  readonly connection: number;
  readonly index: number;
  /** Where the event stood when it was stored; absent where that was never answered. */
  answered?: { readonly position: string; readonly index: number };
}

export interface NamedAcknowledgement {
  readonly asked: Placed<Acknowledging>;
  /** When the hub said that it has noted it. */
  answeredAt?: number;
}

/** All that concerns one named subscriber and one event, over all its connections. */
export interface LineFacts {
  readonly subscriber: string;
  readonly eventguid: string;
  readonly asks: NamedAsk[];
  readonly deliveries: Placed<Delivered>[];
  readonly gaps: GapNoticed[];
  readonly acknowledgements: NamedAcknowledgement[];
}

export interface ConnectionFacts {
  readonly connecting: Placed<Connecting>;
  nodeId?: string;
  /** The first proof that it has the session: a reply or a delivery. */
  served?: { readonly at: number; readonly index: number };
  /** The first acknowledgement that was answered on it. */
  acknowledgedAt?: number;
  ended?: { readonly why: string; readonly index: number };
  replaced?: { readonly index: number };
}

/** What a history says of named subscribers. */
export interface NamedFacts {
  readonly lines: ReadonlyMap<string, LineFacts>;
  /** In the order in which they were begun. */
  readonly connections: ReadonlyMap<number, ConnectionFacts>;
}

export function gatherNamedFacts(entries: readonly Entry[]): NamedFacts {
  const gathering = new Gathering();
  for (const [index, entry] of entries.entries()) gathering.add({ ...entry, index });
  return gathering;
}

/** Named facts while they are put together. */
class Gathering implements NamedFacts {
  readonly lines = new Map<string, LineFacts>();
  readonly connections = new Map<number, ConnectionFacts>();
  private readonly asks = new Map<string, NamedAsk>();
  private readonly acknowledgements = new Map<number, NamedAcknowledgement>();

  add(entry: Placed<Entry>): void {
    if ('subscription' in entry) this.addToLine(entry);
    else if ('acknowledgement' in entry) this.addAcknowledgement(entry);
    else if ('connection' in entry) this.addToConnection(entry);
  }

  private addToLine(entry: Placed<Extract<Entry, { subscription: string }>>): void {
    const { kind, connection } = entry;
    if (connection === undefined) return;
    const line = this.line(entry.eventguid, connection);
    if (kind === 'asked') {
      const { subscription, cookie, index } = entry;
      const ask: NamedAsk = { subscription, cookie, connection, index };
      this.asks.set(subscription, ask);
      line.asks.push(ask);
    } else if (kind === 'delivered') line.deliveries.push(entry);
    else if (kind === 'gap') line.gaps.push(entry);
    else if (kind === 'subscribed') this.answer(entry);
    if (kind !== 'asked') this.served(connection, entry);
  }

  private served(connection: number, { at, index }: Placed<Entry>): void {
    const known = this.connections.get(connection);
    if (known) known.served ??= { at, index };
  }

  private answer({ subscription, position, index }: Placed<Extract<Entry, { kind: 'subscribed' }>>): void {
    const ask = this.asks.get(subscription);
    if (ask) ask.answered = { position, index };
  }

  private addAcknowledgement(entry: Placed<Extract<Entry, { acknowledgement: number }>>): void {
    if (entry.kind === 'acknowledging') {
      const acknowledgement: NamedAcknowledgement = { asked: entry };
      this.acknowledgements.set(entry.acknowledgement, acknowledgement);
      this.line(entry.eventguid, entry.connection).acknowledgements.push(acknowledgement);
    } else if (entry.kind === 'acknowledged') {
      const known = this.acknowledgements.get(entry.acknowledgement);
      if (!known) return;
      known.answeredAt = entry.at;
      const connection = this.connections.get(known.asked.connection);
      if (connection) connection.acknowledgedAt ??= entry.at;
    }
  }

  private addToConnection(
    entry: Placed<
      Extract<Entry, { kind: 'connecting' | 'connected' | 'disconnected' | 'replaced'; connection: number }>
    >,
  ): void {
    if (entry.kind === 'connecting') {
      this.connections.set(entry.connection, { connecting: entry });
      return;
    }
    const known = this.connections.get(entry.connection);
    if (!known) return;
    if (entry.kind === 'connected') known.nodeId = entry.nodeId;
    else if (entry.kind === 'replaced') known.replaced = { index: entry.index };
    else known.ended ??= { why: entry.why, index: entry.index };
  }

  private line(eventguid: string, connection: number): LineFacts {
    const subscriber = this.connections.get(connection)?.connecting.subscriber ?? '?';
    const name = `${subscriber} ${eventguid}`;
    const line = this.lines.get(name) ?? {
      subscriber,
      eventguid,
      asks: [],
      deliveries: [],
      gaps: [],
      acknowledgements: [],
    };
    this.lines.set(name, line);
    return line;
  }
}

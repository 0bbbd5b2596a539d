import type { EventStreamConnection } from './event-stream-connection.js';
import type { LongPollingConnection } from './long-polling-connection.js';
import { Negotiations, type Negotiation } from './negotiations.js';
import type { Settings } from './options.js';
import type { TransportConnection } from './transport-connection.js';
import type { WebSocketConnection } from './websocket-connection.js';
import { refusals } from './answers.js';

export type LiveConnection = WebSocketConnection | EventStreamConnection | LongPollingConnection;

/** All connections of one endpoint by their token: those that wait for a transport, and those that have one. */
export class Connections {
  readonly negotiations: Negotiations;
  readonly #settings: Settings;
  readonly #live = new Map<string, LiveConnection>();
  #closing = false;
  #onEmpty: (() => void) | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.negotiations = new Negotiations(settings);
  }

  get size(): number {
    return this.#live.size;
  }

  find(token: string): LiveConnection | undefined {
    return this.#live.get(token);
  }

  knows(token: string): boolean {
    return this.#live.has(token) || this.negotiations.find(token) !== undefined;
  }

  /** Refuses what would be one connection too many, or comes while the endpoint closes. */
  makeRoom(): void {
    if (this.#closing || this.#live.size >= this.#settings.maxConnections) throw refusals.full();
  }

  /** Turns a negotiation into a connection: from now on the token belongs to that. */
  pickUp<Made extends LiveConnection>(token: string, make: (onGone: () => void) => Made): Made {
    this.negotiations.remove(token);
    const connection = make(() => this.#forget(token, connection));
    this.#live.set(token, connection);
    return connection;
  }

  negotiated(token: string): Negotiation | undefined {
    return this.negotiations.find(token);
  }

  /** Closes every connection and waits until all are gone, which the close time-out sees to. */
  async close(): Promise<void> {
    this.#closing = true;
    this.negotiations.clear();
    for (const connection of this.#live.values()) connection.close();
    if (this.#live.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
  }

  #forget(token: string, connection: TransportConnection): void {
    if (this.#live.get(token) === connection) this.#live.delete(token);
    if (this.#live.size === 0) this.#onEmpty?.();
  }
}

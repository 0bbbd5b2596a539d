import type { EventStreamConnection } from './event-stream-connection.js';
import type { LongPollingConnection } from './long-polling-connection.js';
import { Negotiations, type Negotiation } from './negotiations.js';
import type { Settings } from './options.js';
import type { Granted, IssuedToken } from './tokens.js';
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

  /** Whether one more connection is taken in. None is while the endpoint closes. */
  get hasRoom(): boolean {
    return !this.#closing && this.#live.size < this.#settings.maxConnections;
  }

  /** Refuses what there is no room for. */
  makeRoom(): void {
    if (!this.hasRoom) throw refusals.full();
  }

  /** Ids for a new connection. Rejects with 503 if there are none to be had. */
  async issue(granted: Granted): Promise<IssuedToken> {
    try {
      return await this.#settings.tokens.issue(granted);
    } catch (error) {
      this.#settings.onFault(error instanceof Error ? error : new Error(String(error)));
      throw refusals.unavailable();
    }
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

  /** Makes sure that a negotiation which is to be picked up has not been picked up on another node; if it was, it is forgotten. */
  async use(token: string): Promise<void> {
    const { tokens } = this.#settings;
    const negotiation = this.negotiations.find(token);
    if (!negotiation || !tokens.use || this.#live.has(token)) return;
    negotiation.used ??= tokens.use(token);
    if (!(await negotiation.used)) this.negotiations.remove(token);
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

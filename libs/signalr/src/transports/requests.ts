import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, answerJson, refusals } from './answers.js';
import type { Connections, LiveConnection } from './connections.js';
import { EventStreamConnection } from './event-stream-connection.js';
import { LongPollingConnection } from './long-polling-connection.js';
import { chooseVersion, grantsReconnect, negotiateAnswer } from './negotiate.js';
import type { Settings, TransportName } from './options.js';
import { queryValue, wantsEventStream, type RequestFacts } from './request-facts.js';
import type { TransportConnection } from './transport-connection.js';

/** One request whose sender has been let in. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly facts: RequestFacts;
  readonly user: unknown;
}

const pollHeaders = {
  'Cache-Control': 'no-cache, no-store',
  Pragma: 'no-cache',
  Expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
} as const;

/** Negotiate, streams, polls, sends and ends: everything that is plain HTTP. */
export class Requests {
  readonly #settings: Settings;
  readonly #connections: Connections;

  constructor(settings: Settings, connections: Connections) {
    this.#settings = settings;
    this.#connections = connections;
  }

  async negotiate(visit: Visit): Promise<void> {
    const { facts, response } = visit;
    const { redirect, minimumNegotiateVersion } = this.#settings;
    const elsewhere = await redirect?.(facts);
    if (elsewhere) return answerJson(response, elsewhere);
    const choice = chooseVersion(queryValue(facts.query, 'negotiateVersion'), minimumNegotiateVersion);
    const body = 'error' in choice ? choice : await this.#negotiated(choice.version, facts);
    if (!response.destroyed) answerJson(response, body);
    return undefined;
  }

  async serve(visit: Visit): Promise<void> {
    const token = queryValue(visit.facts.query, 'id');
    if (!token) throw refusals.noId();
    if (!this.#connections.knows(token) && (await this.#servedElsewhere(visit, token))) return;
    if (visit.response.destroyed) return; // nobody waits for a stream or a poll any more
    if (visit.facts.method === 'GET') await this.#open(visit, token);
    else if (visit.facts.method === 'POST') await this.#post(visit, token);
    else this.#delete(visit, token);
  }

  async #servedElsewhere({ request, response }: Visit, token: string): Promise<boolean> {
    return (await this.#settings.elsewhere?.request(request, response, token)) ?? false;
  }

  async #negotiated(version: 0 | 1, facts: RequestFacts): Promise<object> {
    this.#connections.makeRoom();
    const statefulReconnect = grantsReconnect(facts.query, this.#settings);
    const granted = { statefulReconnect, negotiateVersion: version };
    const { connectionId, connectionToken } = await this.#connections.issue(granted);
    // In version 0 the id is the token. The token it is, so that it can be routed.
    const issued = { connectionId: version === 0 ? connectionToken : connectionId, connectionToken };
    this.#connections.negotiations.add(connectionToken, issued.connectionId, statefulReconnect);
    return negotiateAnswer(version, issued, statefulReconnect, this.#settings.transports);
  }

  async #open(visit: Visit, token: string): Promise<void> {
    const transport = wantsEventStream(visit.request) ? 'ServerSentEvents' : 'LongPolling';
    if (transport === 'LongPolling') setHeaders(visit.response, pollHeaders);
    if (!this.#checked(token, transport)) this.#connections.makeRoom(); // what is refused leaves the token good
    await this.#connections.use(token);
    if (visit.response.destroyed) return;
    const connection = this.#checked(token, transport);
    if (!connection) this.#start(visit, token, transport);
    else if (!(connection instanceof LongPollingConnection)) throw refusals.alreadyActive();
    else connection.poll(visit.response, visit.user);
  }

  /** The checks of a GET in the order of .NET. Answers the connection that already has this transport, if any. */
  #checked(token: string, transport: TransportName): LiveConnection | undefined {
    const connection = this.#connections.find(token);
    if (!connection && !this.#connections.negotiated(token)) throw refusals.unknownId();
    if (!this.#settings.transports.includes(transport)) throw refusals.notOffered(transport);
    if (connection && connection.transport !== transport) throw refusals.otherTransport();
    return connection;
  }

  #start(visit: Visit, token: string, transport: 'ServerSentEvents' | 'LongPolling'): void {
    this.#connections.makeRoom();
    const connectionId = this.#connections.negotiated(token)?.connectionId;
    if (connectionId === undefined) throw refusals.unknownId();
    const { facts, user, response } = visit;
    const shared = { connectionId, opening: facts, user, settings: this.#settings };
    const connection = this.#connections.pickUp(token, (onGone) =>
      transport === 'ServerSentEvents'
        ? new EventStreamConnection({ ...shared, onGone }, response)
        : new LongPollingConnection({ ...shared, onGone }),
    );
    this.#accept(connection);
    if (connection.isGone && !response.headersSent) throw refusals.tornDown();
    connection.start(response);
  }

  #accept(connection: TransportConnection): void {
    try {
      this.#settings.accept(connection);
    } catch (error) {
      connection.abort();
      throw error;
    }
  }

  async #post({ request, response }: Visit, token: string): Promise<void> {
    const connection = this.#connections.find(token);
    if (!connection) throw refusals.unknownId();
    if (connection.transport === 'WebSockets') throw refusals.postToWebSocket();
    if (!connection.isOpen) throw refusals.tornDown();
    await connection.posts.take(request, this.#settings.maxInboundBytes, (body) => {
      if (!connection.isOpen) throw refusals.tornDown();
      connection.receive(body);
    });
    answer(response, 200);
  }

  #delete({ response }: Visit, token: string): void {
    const connection = this.#connections.find(token);
    if (!connection && !this.#connections.negotiated(token)) throw refusals.unknownId();
    if (connection?.transport !== 'LongPolling') throw refusals.notLongPolling();
    answer(response, 202);
    connection.end();
  }
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

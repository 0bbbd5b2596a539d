import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AccessDenied, answer, Refused, refusals } from './answers.js';
import { Connections } from './connections.js';
import { answerPreflight, isAllowedOrigin, isPreflight, setCorsHeaders } from './cors.js';
import { settle, type EndpointOptions, type Settings } from './options.js';
import { requestFacts, splitTarget, type RequestFacts } from './request-facts.js';
import { Requests } from './requests.js';
import { Upgrades } from './upgrades.js';

type Route = 'negotiate' | 'connection';
type Incoming = [request: IncomingMessage, response: ServerResponse];
type Upgrading = [request: IncomingMessage, socket: Duplex, head: Buffer];

const methodsOf: Readonly<Record<Route, readonly string[]>> = {
  negotiate: ['POST'],
  connection: ['GET', 'POST', 'DELETE'],
};

/**
 * Where SignalR clients come in: one hub path with all its transports. Put it on a server with `attach`, or route to it with `handle` and
 * `upgrade`. Whatever a client sends is answered; nothing is thrown at the host.
 */
export class SignalREndpoint {
  readonly #settings: Settings;
  readonly #paths: ReadonlySet<string>;
  readonly #connections: Connections;
  readonly #requests: Requests;
  readonly #upgrades: Upgrades;

  constructor(options: EndpointOptions) {
    this.#settings = settle(options);
    this.#paths = new Set([this.#settings.path].flat().map(plainPath));
    this.#connections = new Connections(this.#settings);
    this.#requests = new Requests(this.#settings, this.#connections);
    this.#upgrades = new Upgrades(this.#settings, this.#connections);
  }

  /** Connections that have a transport. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Negotiations that wait for one. */
  get negotiatedCount(): number {
    return this.#connections.negotiations.size;
  }

  /** Whether there is a connection with that token, which has a transport. */
  holds(connectionToken: string): boolean {
    return this.#connections.find(connectionToken) !== undefined;
  }

  /** Takes its own paths from a server; all others go to whoever listened before. */
  attach(server: Server): void {
    const ownsRequest = (...call: Incoming): boolean => this.handle(...call);
    const ownsUpgrade = (...call: Upgrading): boolean => this.upgrade(...call);
    putInFront(server, 'request', ownsRequest, (_request, response) => answer(response, 404));
    putInFront(server, 'upgrade', ownsUpgrade, (_request, socket) => socket.destroy());
  }

  /** Answers a request, unless its path is none of this endpoint's: then it answers `false` and leaves it alone. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const route = this.#route(request);
    if (!route) return false;
    this.#serve(route, request, response)
      .catch((error: unknown) => this.#refuse(response, error))
      .catch(() => response.destroy()); // no answer is possible any more
    return true;
  }

  /** The same for an upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const route = this.#route(request);
    if (!route) return false;
    // A socket that breaks says so in its close event as well, which is what counts.
    socket.on('error', () => socket.destroy());
    this.#serveUpgrade(route, request, socket, head)
      .catch((error: unknown) => this.#refuseUpgrade(request, socket, error))
      .catch(() => socket.destroy()); // as when an earlier request of the same socket is not answered yet
    return true;
  }

  /** Takes nothing new, closes every connection, and waits until all are gone. */
  async close(): Promise<void> {
    await this.#connections.close();
  }

  #route(request: IncomingMessage): Route | undefined {
    const path = plainPath(splitTarget(request.url ?? '/').path);
    if (this.#paths.has(path)) return 'connection';
    return path.endsWith('/negotiate') && this.#paths.has(path.slice(0, -'/negotiate'.length) || '/')
      ? 'negotiate'
      : undefined;
  }

  async #serve(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    setCorsHeaders(request, response, this.#settings.allowedOrigins);
    if (isPreflight(request)) return answerPreflight(request, response);
    if (!methodsOf[route].includes(request.method ?? '')) throw refusals.method();
    const facts = requestFacts(request);
    const visit = { request, response, facts, user: await this.#admit(facts) };
    if (response.destroyed) return undefined;
    return route === 'negotiate' ? this.#requests.negotiate(visit) : this.#requests.serve(visit);
  }

  async #serveUpgrade(route: Route, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (route === 'negotiate' || request.method !== 'GET') throw refusals.method();
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') throw refusals.notAWebSocket();
    if (!isAllowedOrigin(request, this.#settings.allowedOrigins)) throw refusals.origin();
    const facts = requestFacts(request);
    const user = await this.#admit(facts);
    if (!socket.destroyed) await this.#upgrades.serve({ request, socket, head, facts, user });
  }

  async #admit(facts: RequestFacts): Promise<unknown> {
    try {
      return await this.#settings.authenticate(facts);
    } catch (error) {
      throw error instanceof AccessDenied ? new Refused(error.status) : error;
    }
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const refused = error instanceof Refused ? error : this.#fault(error);
    if (response.headersSent) response.destroy();
    else {
      if (refused.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
      if (refused.status === 413) response.setHeader('Connection', 'close');
      answer(response, refused.status, refused.body);
    }
  }

  /** Before the 101 an upgrade is an ordinary request, and is answered like one. */
  #refuseUpgrade(request: IncomingMessage, socket: Duplex, error: unknown): void {
    if (socket.destroyed) return;
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.on('finish', () => socket.end(() => socket.destroy()));
    setCorsHeaders(request, response, this.#settings.allowedOrigins);
    this.#refuse(response, error);
  }

  #fault(error: unknown): Refused {
    this.#settings.onFault(error instanceof Error ? error : new Error(String(error)));
    return new Refused(500);
  }
}

function plainPath(path: string): string {
  return path.toLowerCase().replace(/\/+$/, '') || '/';
}

/** Listens before all others. What is not its own goes to them, and to `rest` when there is nobody else. */
function putInFront<Call extends unknown[]>(
  server: Server,
  event: 'request' | 'upgrade',
  owns: (...call: Call) => boolean,
  rest: (...call: Call) => void,
): void {
  const others = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (...call: Call) => {
    if (owns(...call)) return;
    for (const other of others) Reflect.apply(other, server, call);
    if (others.length === 0 && server.listenerCount(event) === 1) rest(...call);
  });
}

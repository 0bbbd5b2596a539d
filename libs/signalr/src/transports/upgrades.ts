import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { refusals } from './answers.js';
import type { Connections } from './connections.js';
import type { Settings } from './options.js';
import { queryValue, type RequestFacts } from './request-facts.js';
import { ServerSocket } from './server-socket.js';
import type { AdoptedToken } from './tokens.js';
import { WebSocketConnection } from './websocket-connection.js';

/** One WebSocket upgrade whose sender has been let in. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly facts: RequestFacts;
  readonly user: unknown;
}

/** WebSocket upgrades: with a negotiated token, without one, and back again after a loss. */
export class Upgrades {
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #server: WebSocketServer;

  constructor(settings: Settings, connections: Connections) {
    this.#settings = settings;
    this.#connections = connections;
    this.#server = new WebSocketServer(serverOptions(settings));
  }

  async serve(arrival: Arrival): Promise<void> {
    const token = queryValue(arrival.facts.query, 'id');
    if (!token) return this.#skipNegotiation(arrival);
    if (this.#connections.knows(token)) return this.#known(arrival, token);
    return this.#unknown(arrival, token);
  }

  async #skipNegotiation(arrival: Arrival): Promise<void> {
    const granted = { statefulReconnect: false, negotiateVersion: 1 } as const;
    const { connectionId, connectionToken } = await this.#connections.issue(granted);
    this.#open(arrival, connectionToken, { connectionId, statefulReconnect: false });
  }

  /** A token of another node, or none at all. */
  async #unknown(arrival: Arrival, token: string): Promise<void> {
    const adopted = await this.#adopted(token);
    if (typeof adopted === 'object' && !this.#connections.knows(token))
      return this.#open(arrival, token, adopted);
    const { request, socket, head } = arrival;
    if (await this.#settings.elsewhere?.upgrade(request, socket, head, token)) return undefined;
    throw adopted === 'not-now' ? refusals.unavailable() : refusals.unknownId();
  }

  async #adopted(token: string): Promise<AdoptedToken | 'not-now' | undefined> {
    const { tokens, transports } = this.#settings;
    if (!tokens.adopt || !transports.includes('WebSockets')) return undefined;
    if (!this.#connections.hasRoom) return 'not-now'; // before the token is used up
    try {
      return await tokens.adopt(token);
    } catch (error) {
      this.#settings.onFault(error instanceof Error ? error : new Error(String(error)));
      return 'not-now';
    }
  }

  async #known(arrival: Arrival, token: string): Promise<void> {
    if (!this.#connections.find(token)) this.#checkOpenable();
    await this.#connections.use(token);
    const connection = this.#connections.find(token);
    const negotiated = this.#connections.negotiated(token);
    if (!connection && negotiated) return this.#open(arrival, token, negotiated);
    if (!connection) throw refusals.unknownId();
    this.#checkOffered();
    if (!(connection instanceof WebSocketConnection)) throw refusals.otherTransport();
    if (!connection.reconnectGranted) throw refusals.alreadyActive();
    if (!connection.isOpen || !connection.statefulReconnect) throw refusals.reconnectDisabled();
    return this.#shake(arrival, (socket) => {
      connection.reattach(socket, arrival.socket);
      this.#settings.onReattached(arrival.socket);
    });
  }

  #checkOffered(): void {
    if (!this.#settings.transports.includes('WebSockets')) throw refusals.notOffered('WebSockets');
  }

  #checkOpenable(): void {
    this.#checkOffered();
    this.#connections.makeRoom();
  }

  #open(arrival: Arrival, token: string, negotiated: AdoptedToken): void {
    this.#checkOpenable();
    this.#shake(arrival, (socket) => this.#accept(this.#attached(arrival, socket, token, negotiated)));
  }

  #attached(
    arrival: Arrival,
    socket: WebSocket,
    token: string,
    negotiated: AdoptedToken,
  ): WebSocketConnection {
    const { facts, user } = arrival;
    const { connectionId, statefulReconnect } = negotiated;
    const shared = { connectionId, opening: facts, user, settings: this.#settings };
    const connection = this.#connections.pickUp(
      token,
      (onGone) => new WebSocketConnection({ ...shared, onGone }, statefulReconnect),
    );
    connection.attach(socket, arrival.socket);
    return connection;
  }

  /** The 101 is out by now: a server that fails here says so with 1011. */
  #accept(connection: WebSocketConnection): void {
    try {
      this.#settings.accept(connection);
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      this.#settings.onFault(fault);
      connection.close(fault);
    }
  }

  /** Calls back before it returns, or has answered what was wrong with the upgrade: nothing can happen in between. */
  #shake({ request, socket, head }: Arrival, onSocket: (socket: WebSocket) => void): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#settings.onWebSocket(webSocket, socket);
      onSocket(webSocket);
    });
  }
}

/** Inbound is bytes whatever the frame says, so its text is not checked; compression would cost memory for each connection; pongs are bounded by the connection. */
function serverOptions({ maxInboundBytes, closeTimeoutMs }: Settings) {
  return {
    noServer: true,
    WebSocket: ServerSocket,
    clientTracking: false,
    autoPong: false,
    perMessageDeflate: false,
    maxPayload: maxInboundBytes,
    skipUTF8Validation: true,
    closeTimeout: closeTimeoutMs,
  } as const;
}

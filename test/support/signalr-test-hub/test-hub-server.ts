import { jsonProtocol, messagePackProtocol, SignalRServer } from '@ringback/signalr';
import type { HubLog, SignalREndpoint, SignalRHub } from '@ringback/signalr';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AccessTokens } from './access-tokens.js';
import { negotiateCookies } from './cookies.js';
import { testEndpoints } from './endpoints.js';
import { authorizedHub, uncreatableHub } from './other-hubs.js';
import { Pages } from './pages.js';
import { testHub } from './test-hub.js';

/** A port for TLS, with the certificate as PEM. */
export interface TlsOptions {
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

export interface TestHubOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly httpPort?: number;
  readonly tls?: TlsOptions;
  /** The clock that tokens expire by. */
  readonly nowMs?: () => number;
  /** Where warnings go: the process by default. */
  readonly log?: HubLog;
}

const isNegotiation = (url = ''): boolean => /\/negotiate(\?|$)/i.test(url);

/** Everything that the vendor's functional client suite needs of a server, on a port without and maybe one with TLS. */
export class TestHubServer {
  readonly httpUrl: string;
  /** Empty without a certificate. */
  readonly httpsUrl: string;

  private constructor(
    private readonly site: Site,
    private readonly http: Server,
    private readonly https: Server | undefined,
  ) {
    this.httpUrl = urlOf('http', http);
    this.httpsUrl = https === undefined ? '' : urlOf('https', https);
  }

  /** Resolves once it listens. Rejects when a port is taken or the certificate is none. */
  static async start(options: TestHubOptions = {}): Promise<TestHubServer> {
    const { host = '127.0.0.1', httpPort = 0, tls } = options;
    const site = buildSite(options);
    const http = serveOn(createServer(), site, false);
    const https = tls && serveOn(createTlsServer(tls), site, true);
    await listening(http, httpPort, host);
    if (https) await listening(https, tls.port, host).catch((error: unknown) => giveUp(http, error));
    return new TestHubServer(site, http, https);
  }

  get connectionCount(): number {
    return this.site.endpoints.reduce((sum, endpoint) => sum + endpoint.connectionCount, 0);
  }

  /** Cuts a connection, as a lost network would. */
  drop(connectionId: string): void {
    for (const hub of this.site.hubs) hub.connection(connectionId)?.transport.abort();
  }

  /** Sends all clients away, to come back, and resolves once nothing is left open. */
  async close(): Promise<void> {
    await this.site.signalr.drain(0);
    await Promise.all(this.site.endpoints.map((endpoint) => endpoint.close()));
    await Promise.all([this.http, this.https].map(closed));
  }
}

interface Site {
  readonly signalr: SignalRServer;
  readonly hubs: readonly SignalRHub[];
  readonly endpoints: readonly SignalREndpoint[];
  readonly pages: Pages;
}

const buildSite = ({ nowMs = Date.now, log }: TestHubOptions): Site => {
  const protocols = [jsonProtocol, messagePackProtocol];
  const signalr = new SignalRServer({ protocols, detailedErrors: true, ...(log && { log }) });
  const hub = signalr.addHub('/testhub', testHub);
  const authorized = signalr.addHub('/authorizedhub', authorizedHub);
  signalr.addHub('/uncreatable', uncreatableHub);
  const tokens = new AccessTokens(nowMs);
  const [endpoints, pages] = [testEndpoints(signalr, tokens), new Pages(tokens, hub)];
  return { signalr, hubs: [hub, authorized], endpoints, pages };
};

const serveOn = (server: Server, { endpoints, pages }: Site, secure: boolean): Server => {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (isNegotiation(request.url)) response.setHeader('Set-Cookie', negotiateCookies(secure));
    if (endpoints.some((endpoint) => endpoint.handle(request, response))) return;
    pages.serve(request, response).catch((error: unknown) => {
      process.emitWarning(`a page failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!endpoints.some((endpoint) => endpoint.upgrade(request, socket, head))) socket.destroy();
  });
  return server;
};

const listening = async (server: Server, port: number, host: string): Promise<void> => {
  server.listen(port, host);
  await once(server, 'listening');
};

/** One port alone would keep the process alive and serve nobody. */
const giveUp = async (http: Server, error: unknown): Promise<never> => {
  await closed(http);
  throw error;
};

const closed = async (server: Server | undefined): Promise<void> => {
  if (server === undefined) return;
  const gone = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await gone;
};

const urlOf = (scheme: string, server: Server): string => {
  const { address, family, port } = server.address() as AddressInfo;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
};

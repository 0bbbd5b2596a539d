import type { Log } from '@ringback/core';
import type { Origins } from '@ringback/contract';
import { createProxyServer, type ProxyServer, type ProxyTargetDetailed } from 'httpxy';
import { Agent, ServerResponse, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { answerRequest, answerUpgrade, PROBLEMS, type Problem } from './problem.js';

/** Says who forwarded a request; one that carries it is not forwarded again. */
export const FORWARDED_BY = 'x-ringback-forwarded-by';

export interface OwnerProxyOptions {
  readonly nodeId: string;
  readonly log: Log;
  /** How long the owner may take to accept the link. */
  readonly connectMs: number;
  /** How long the owner may be silent; above the time for which a long poll is held. */
  readonly responseMs: number;
  /** Whose pages may read why a request failed. */
  readonly origins?: Origins | undefined;
}

/** The node that a request is forwarded to. */
export interface Owner {
  readonly nodeId: string;
  readonly address: string;
}

class OwnerTimeout extends Error {
  constructor(
    readonly problem: Problem,
    readonly code: string,
  ) {
    super(`The owner kept this node waiting (${code}).`);
  }
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Carries HTTP requests and upgrades to another node, and its answers back. */
export class OwnerProxy {
  // A long poll holds a link for its whole time, so their number is not bounded here but by the connections of the nodes.
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  private readonly proxy: ProxyServer;
  private readonly links = new Set<Socket>();

  constructor(private readonly options: OwnerProxyOptions) {
    this.proxy = createProxyServer({ xfwd: true, headers: { [FORWARDED_BY]: options.nodeId } });
    this.proxy.on('error', (error, _request, answer) => this.answer(error, answer));
    this.proxy.on('proxyReq', (outgoing) => this.limit(outgoing));
    this.proxy.on('proxyReqWs', (outgoing, _request, link) => this.couple(outgoing, link));
  }

  /** Resolves when the exchange is over. Failures have been answered. */
  async request(request: IncomingMessage, response: ServerResponse, owner: Owner): Promise<void> {
    delete request.headers.expect; // answered by this node; the proxy would set no limits for it
    await this.proxy.web(request, response, { target: targetOf(owner), agent: this.agent });
  }

  /** Resolves when the link is closed. Failures have been answered. */
  async upgrade(request: IncomingMessage, link: Socket, head: Buffer, owner: Owner): Promise<void> {
    await this.proxy.ws(request, link, { target: targetOf(owner), agent: false }, head);
  }

  /** Ends every forwarded link. */
  close(): void {
    for (const link of this.links) link.destroy();
    this.agent.destroy();
  }

  private limit(outgoing: ClientRequest): void {
    const { connectMs, responseMs } = this.options;
    limitConnect(outgoing, connectMs);
    outgoing.setTimeout(responseMs, () => {
      outgoing.destroy(new OwnerTimeout(PROBLEMS.ownerSilent, 'response'));
    });
  }

  /** The two halves of an upgraded link live and die together. */
  private couple(outgoing: ClientRequest, link: Socket): void {
    this.limit(outgoing);
    const abandon = (): unknown => outgoing.destroy();
    link.once('close', abandon);
    outgoing.once('upgrade', (_answer, ownerLink: Socket) => {
      ownerLink.setTimeout(0); // from here, silence is the gateway's business
      this.links.add(link);
      ownerLink.once('close', () => link.destroy());
      link.once('close', () => {
        this.links.delete(link);
        ownerLink.destroy();
      });
    });
  }

  private answer(error: Error, answer: ServerResponse | Socket | undefined): void {
    const problem = problemOf(error);
    if (!answer || answer.destroyed) return; // the client has gone, and with it whoever could be told
    this.options.log.warn('forwarding failed', { error, code: problem.code, status: problem.status });
    if (answer instanceof ServerResponse) answerRequest(answer, problem, this.options.origins);
    else if (this.links.has(answer)) answer.destroy();
    else answerUpgrade(answer, problem);
  }
}

/** In parts: as a URL, an IPv6 address would keep its brackets and be looked up as a name. */
function targetOf({ address }: Owner): ProxyTargetDetailed {
  const { protocol, hostname, port } = new URL(address);
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port };
}

function problemOf(error: Error): Problem {
  if (error instanceof OwnerTimeout) return error.problem;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return UNREACHABLE.has(code) ? PROBLEMS.ownerUnreachable : PROBLEMS.ownerFailed;
}

/** Without it, a machine that is switched off would hold a request until the operating system gives up, minutes later. */
function limitConnect(outgoing: ClientRequest, limitMs: number): void {
  const start = (socket: Socket): void => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      outgoing.destroy(new OwnerTimeout(PROBLEMS.ownerUnreachable, 'connect'));
    }, limitMs);
    const stop = (): void => clearTimeout(timer);
    socket.once('connect', stop);
    socket.once('close', stop);
  };
  if (outgoing.socket) start(outgoing.socket);
  else outgoing.once('socket', start);
}

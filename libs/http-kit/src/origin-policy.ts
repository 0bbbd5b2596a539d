import { HubError, isCrossOrigin, originHeaders, type Origins } from '@ringback/contract';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HostPolicy } from './host-policy.js';
import { TrustedProxies } from './trusted-proxies.js';

const ALLOWED_METHODS = 'GET, HEAD, POST, DELETE';
/** Headers that pages may read only if they are named. */
const EXPOSED_HEADERS = 'Allow, Retry-After, WWW-Authenticate';

/** Browsers let every page send these; only reading the answer is restricted. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface OriginPolicyOptions {
  /** What refused pages may not use. Default: `hub`. */
  readonly service?: string;
  /** Who says how clients have asked. Default: nobody but the clients themselves. */
  readonly proxies?: TrustedProxies;
  /** The names of the server. Default: any. */
  readonly hosts?: HostPolicy;
}

/** Which web pages may use a server: one answer for everything that it serves. Programs that are no browsers send no origin, and may. */
export class OriginPolicy {
  readonly proxies: TrustedProxies;
  private readonly service: string;
  private readonly hosts: HostPolicy;

  /** `listed` are origins beside the server's own: `*` for all, absent for none. */
  constructor(
    readonly listed?: Origins,
    options: OriginPolicyOptions = {},
  ) {
    this.service = options.service ?? 'hub';
    this.proxies = options.proxies ?? new TrustedProxies();
    this.hosts = options.hosts ?? new HostPolicy({ allowed: '*' });
  }

  /** What a request is refused with before anything else is done about it. Browsers let every page begin an upgrade: those are always checked. */
  refusal(
    request: Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>,
    kind: 'request' | 'upgrade',
  ): HubError | undefined {
    const host = this.proxies.publicHost(request);
    const [path = ''] = (request.url ?? '').split('?', 1);
    const misdirected = this.hosts.refusal(host, path);
    if (misdirected) return misdirected;
    if (kind === 'request' && SAFE_METHODS.has(request.method ?? '')) return undefined;
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    const scheme = this.proxies.publicScheme(request);
    if (!isCrossOrigin({ origin, host, scheme }, this.listed)) return undefined;
    return new HubError('forbidden', `Pages of this origin may not use the ${this.service}.`);
  }

  /** Puts the CORS headers on whatever the answer will be, errors included: a browser hides an answer without them. */
  setHeaders(request: IncomingMessage, response: ServerResponse): void {
    const headers = originHeaders(request.headers.origin, this.listed);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (response.hasHeader('Access-Control-Allow-Origin')) {
      response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
    }
  }

  /** Answers a preflight, before anybody asks who it is: browsers send it without credentials. Answers whether it was one. */
  answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
    const { headers, method } = request;
    const isPreflight =
      method === 'OPTIONS' &&
      headers.origin !== undefined &&
      headers['access-control-request-method'] !== undefined;
    if (!isPreflight) return false;
    this.setHeaders(request, response);
    if (response.hasHeader('Access-Control-Allow-Origin')) {
      const requested = headers['access-control-request-headers'];
      response.setHeader('Access-Control-Allow-Methods', ALLOWED_METHODS);
      if (requested !== undefined) response.setHeader('Access-Control-Allow-Headers', requested);
    }
    response.writeHead(204).end();
    return true;
  }
}

import { HubError, isCrossOrigin, originHeaders, type Origins } from '@ringback/contract';
import type { IncomingMessage, ServerResponse } from 'node:http';

const ALLOWED_METHODS = 'GET, HEAD, POST, DELETE';
/** Headers that pages may read only if they are named. */
const EXPOSED_HEADERS = 'Allow, Retry-After, WWW-Authenticate';

/** Browsers let every page send these; only reading the answer is restricted. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Which web pages may use a server: one answer for everything that it serves. Programs that are no browsers send no origin, and may. */
export class OriginPolicy {
  /** `listed` are origins beside the server's own: `*` for all, absent for none. `service` is what refused pages may not use. */
  constructor(
    readonly listed?: Origins,
    private readonly service = 'hub',
  ) {}

  /** What a request is refused with before anything else is done about it. Browsers let every page begin an upgrade: those are always checked. */
  refusal(
    request: Pick<IncomingMessage, 'method' | 'headers'>,
    kind: 'request' | 'upgrade',
  ): HubError | undefined {
    if (kind === 'request' && SAFE_METHODS.has(request.method ?? '')) return undefined;
    if (!isCrossOrigin(request.headers, this.listed)) return undefined;
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

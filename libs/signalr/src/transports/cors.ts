import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Settings } from './options.js';

type AllowedOrigins = Settings['allowedOrigins'];

const methods = 'GET, POST, DELETE';
const usualHeaders = 'x-requested-with, x-signalr-user-agent, authorization, content-type';

/** The scheme is left out: behind a proxy that ends TLS the server does not know its own. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const [, scheme] = /^(https?):\/\//i.exec(origin) ?? [];
  const own = `${scheme}://${host}`; // with the default port of either scheme left out
  if (scheme === undefined || host === undefined || !URL.canParse(own) || !URL.canParse(origin)) return false;
  return new URL(own).origin === new URL(origin).origin;
}

/** Whether a page of this origin may come in. Programs that are no browsers send no origin, and may. */
export function isAllowedOrigin(request: IncomingMessage, allowed: AllowedOrigins): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowed === '*' || allowed === 'unchecked') return true;
  return allowed.includes(origin) || isOwnOrigin(origin, host);
}

/** Puts the CORS headers on whatever the answer will be, errors included: a browser hides an answer without them. */
export function setCorsHeaders(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: AllowedOrigins,
): void {
  const { origin } = request.headers;
  if (origin === undefined || allowed === 'unchecked') return;
  response.appendHeader('Vary', 'Origin');
  if (!isAllowedOrigin(request, allowed)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
}

export function isPreflight(request: IncomingMessage): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.headers.origin !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  );
}

/** Answers a preflight, before anybody asks who it is: browsers send it without credentials. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  if (response.hasHeader('Access-Control-Allow-Origin')) {
    const asked = request.headers['access-control-request-headers'];
    response.setHeader('Access-Control-Allow-Methods', methods);
    response.setHeader('Access-Control-Allow-Headers', asked ?? usualHeaders);
  }
  response.statusCode = 204;
  response.end();
}

import { FinalError } from '../tickets/final-error.js';
import { documentOf } from '../tickets/ticket-document.js';
import type { Ticket } from '../tickets/ticket.js';
import type { Handler } from './handler.js';
import type { HttpHandlerConfig } from './handler-config.js';
import { signatureHeaders } from './signature.js';
import { fillTemplate } from './url-template.js';

/** The same for every attempt, so that whoever is called can tell that it is one. */
const TICKET_HEADER = 'ringback-ticket';

const MOST_REDIRECTS = 5;
const BODILESS = new Set(['GET', 'HEAD']);
/** Refusals that may be of a moment: time-out, and too many requests. */
const TEMPORARY = new Set([408, 429]);
const KEEPING_METHOD = new Set([307, 308]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A handler that calls a URL: 2xx is success; 4xx but for 408 and 429 is final; all else is tried again. */
export function httpHandler(config: HttpHandlerConfig): Handler {
  return async (ticket, signal) => {
    const url = new URL(fillTemplate(config.url, ticket));
    const answer = await call(config, url, makeRequest(config, ticket, signal));
    await answer.body?.cancel();
    if (!answer.ok) throw refusal(answer.status, url);
  };
}

function makeRequest(config: HttpHandlerConfig, ticket: Ticket, signal: AbortSignal): RequestInit {
  const { method, headers, secret } = config;
  const body = BODILESS.has(method) ? '' : JSON.stringify(documentOf(ticket));
  return {
    method,
    signal,
    redirect: 'manual',
    headers: {
      ...(body !== '' && { 'content-type': 'application/json' }),
      ...headers,
      [TICKET_HEADER]: ticket.id,
      ...(secret !== undefined && signatureHeaders(secret, body, Date.now())),
    },
    ...(body !== '' && { body }),
  };
}

/** Follows redirects within one origin only: elsewhere, neither signature nor headers are anybody's business. */
async function call(config: HttpHandlerConfig, first: URL, request: RequestInit): Promise<Response> {
  let url = first;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await reach(url, request);
    if (!REDIRECTS.has(answer.status)) return answer;
    await answer.body?.cancel();
    url = redirectOf(answer, url, config.method);
  }
  throw new FinalError(`${url.origin} redirects more than ${MOST_REDIRECTS} times.`);
}

async function reach(url: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    // A time-out says so itself.
    if (request.signal?.aborted) throw request.signal.reason;
    throw new Error(`${url.origin} cannot be reached: ${causeOf(error)}`, { cause: error });
  }
}

function redirectOf({ status, headers }: Response, from: URL, method: string): URL {
  const location = headers.get('location') ?? '';
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const keepsMethod = KEEPING_METHOD.has(status) || BODILESS.has(method);
  if (to?.origin === from.origin && keepsMethod) return to;
  throw new FinalError(`${from.origin} redirects elsewhere, or to another method (${status}); name its URL.`);
}

function refusal(status: number, { origin }: URL): Error {
  const message = `${origin} answered ${status}.`;
  const isFinal = status >= 400 && status < 500 && !TEMPORARY.has(status);
  return isFinal ? new FinalError(message) : new Error(message);
}

function causeOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  return String(code ?? message);
}

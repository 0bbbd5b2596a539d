import { HubError, originHeaders, type ErrorCode, type Origins } from '@ringback/contract';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** An answer of the node itself, given before any gateway has seen the request. */
export interface Problem {
  readonly status: 404 | 502 | 503 | 504;
  readonly reason: string;
  readonly code: ErrorCode;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
}

export const PROBLEMS = {
  notFound: { status: 404, reason: 'Not Found', code: 'not-found' },
  transportSessionNotFound: { status: 404, reason: 'Not Found', code: 'transport-session-not-found' },
  ownerFailed: { status: 502, reason: 'Bad Gateway', code: 'node-unavailable', retryAfter: 2 },
  ownerUnreachable: { status: 503, reason: 'Service Unavailable', code: 'node-unavailable', retryAfter: 2 },
  ownerUnknown: { status: 503, reason: 'Service Unavailable', code: 'relay-unavailable', retryAfter: 2 },
  ownerSilent: { status: 504, reason: 'Gateway Timeout', code: 'timeout', retryAfter: 1 },
} as const satisfies Record<string, Problem>;

/** Answers a request, so that pages of a listed origin may read why. */
export function answerRequest(response: ServerResponse, problem: Problem, origins?: Origins): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = body(problem);
  const { origin } = response.req.headers;
  response.writeHead(problem.status, { ...headersOf(problem, text), ...readableBy(origin, origins) });
  response.end(text);
}

/** The same on the bare link of an upgrade, which is closed after it. Browsers show pages nothing of it. */
export function answerUpgrade(link: Duplex, problem: Problem): void {
  if (!link.writable) {
    link.destroy();
    return;
  }
  const text = body(problem);
  const headers = { ...headersOf(problem, text), Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${problem.status} ${problem.reason}`, ...lines].join('\r\n');
  link.end(`${head}\r\n\r\n${text}`, () => link.destroy());
}

/** To pages that show credentials too, as those with clients of SignalR do: browsers then take no `*`. */
function readableBy(origin: string | undefined, origins?: Origins): Readonly<Record<string, string>> {
  const headers = originHeaders(origin, origins);
  if (origin === undefined || !('Access-Control-Allow-Origin' in headers)) return headers;
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    Vary: 'Origin',
  };
}

function headersOf({ retryAfter }: Problem, text: string): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(text)),
    'Cache-Control': 'no-store',
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
  };
}

/** In the shape of the HTTP gateway's problems, and with the `message` that clients of Socket.IO read. */
function body({ status, code }: Problem): string {
  const { message } = new HubError(code);
  const words = code.replaceAll('-', ' ');
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return JSON.stringify({ type: `/docs/errors#${code}`, title, status, detail: message, code, message });
}

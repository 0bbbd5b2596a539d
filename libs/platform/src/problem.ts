import { HubError, type ErrorCode } from '@ringback/contract';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** An answer of the node itself, given before any gateway has seen the request. */
export interface Problem {
  readonly status: 404 | 502 | 503 | 504;
  readonly reason: string;
  readonly code: ErrorCode;
}

export const PROBLEMS = {
  notFound: { status: 404, reason: 'Not Found', code: 'not-found' },
  sessionGone: { status: 404, reason: 'Not Found', code: 'session-gone' },
  ownerFailed: { status: 502, reason: 'Bad Gateway', code: 'node-unavailable' },
  ownerUnreachable: { status: 503, reason: 'Service Unavailable', code: 'node-unavailable' },
  ownerUnknown: { status: 503, reason: 'Service Unavailable', code: 'relay-unavailable' },
  ownerSilent: { status: 504, reason: 'Gateway Timeout', code: 'timeout' },
} as const satisfies Record<string, Problem>;

const CONTENT_TYPE = 'application/problem+json; charset=utf-8';

export function answerRequest(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = body(problem);
  response.writeHead(problem.status, {
    'content-type': CONTENT_TYPE,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** The same on the bare link of an upgrade, which is closed after it. */
export function answerUpgrade(link: Duplex, problem: Problem): void {
  if (!link.writable) {
    link.destroy();
    return;
  }
  const text = body(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.reason}`,
    `content-type: ${CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  link.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => link.destroy());
}

function body({ status, reason, code }: Problem): string {
  const { message } = new HubError(code);
  return JSON.stringify({ type: 'about:blank', title: reason, status, detail: message, code, message });
}

import type { HubError } from '@ringback/contract';
import { HTTP_ERRORS } from '@ringback/http-kit';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventLines, STREAM_EVENTS } from './stream-text.js';

const EXPOSED = 'Access-Control-Expose-Headers';

/** Headers of one protocol, which pages may read. One without a value is not sent this time. */
export type StreamHeaders = Readonly<Record<string, string | undefined>>;

/**
 * Sends the headers of a stream, unless they are sent. Nothing in between may keep, change or gather what follows. Its end is that of the connection: what is
 * written needs no frame of HTTP, and proxies pass it on as it comes.
 */
export function openResponse(response: ServerResponse, own: StreamHeaders = {}): void {
  if (response.headersSent) return;
  const names = Object.keys(own);
  const exposed = response.getHeader(EXPOSED);
  if (typeof exposed === 'string') response.setHeader(EXPOSED, [exposed, ...names].join(', '));
  response.removeHeader('Transfer-Encoding');
  for (const name of names) if (own[name] !== undefined) response.setHeader(name, own[name]);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
    Connection: 'close',
  });
  response.flushHeaders();
}

/** A browser gives up for good on anything but a stream: it gets one that ends at once, and comes back after a while. */
export function sendBack(response: ServerResponse, { code, message }: HubError, leastRetryMs: number): void {
  if (response.destroyed || response.writableEnded) return;
  const retryMs = Math.max(leastRetryMs, (HTTP_ERRORS[code].retryAfter ?? 0) * 1_000);
  openResponse(response);
  response.end(
    `retry: ${spread(retryMs)}\n${eventLines(STREAM_EVENTS.error, { code, message })}\n`,
    'latin1',
  );
}

/** The documented way to tell an EventSource to stop. */
export function sendAwayForGood(response: ServerResponse): void {
  if (!response.headersSent && !response.destroyed) response.writeHead(204).end();
}

/** Whether it is an EventSource, or says that it knows what to do with a stream. */
export function wantsStream({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return /\btext\/event-stream\b/i.test(headers.accept ?? '');
}

/** Up to three times as long: many who are sent away together do not come back together. */
export function spread(ms: number): number {
  return Math.round(ms * (1 + 2 * Math.random()));
}

import type { ServerResponse } from 'node:http';
import type { Payload } from '../protocols/hub-protocol.js';
import { asBuffer, joined } from './payloads.js';
import { PostLane } from './post-lane.js';
import { SendWatch } from './send-watch.js';
import { TransportConnection, type ConnectionFacts } from './transport-connection.js';

const streamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache,no-store',
  Pragma: 'no-cache',
  'Content-Encoding': 'identity',
  'X-Accel-Buffering': 'no',
} as const;

/** One event. `data: ` with the space and nothing else: the .NET parser throws on anything more. */
export function eventText(payloads: readonly Payload[]): string {
  const whole = joined(payloads);
  const text = typeof whole === 'string' ? whole : asBuffer(whole).toString('utf8');
  if (!text.includes('\n')) return `data: ${text}\r\n\r\n`;
  const lines = text
    .split('\n')
    .map((line, index, all) => (index < all.length - 1 && line.endsWith('\r') ? line.slice(0, -1) : line));
  return `${lines.map((line) => `data: ${line}\r\n`).join('')}\r\n`;
}

/** A connection over Server-Sent Events: a response that does not end, and POSTs the other way. */
export class EventStreamConnection extends TransportConnection {
  readonly transport = 'ServerSentEvents';
  readonly posts = new PostLane();
  readonly #response: ServerResponse;
  #watch: SendWatch | undefined;

  constructor(facts: ConnectionFacts, response: ServerResponse) {
    super(facts);
    this.#response = response;
    response.on('close', () => this.end());
    response.on('error', (error) => this.end(error));
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  /** Sends the head and a first comment, unless that has been done: some browsers call it open only after the first byte. */
  start(): void {
    if (this.#response.headersSent || this.isGone) return;
    this.#response.writeHead(200, streamHeaders);
    this.#response.write(':\r\n');
    const { socket } = this.#response;
    if (!socket) return;
    const { timers, sendTimeoutMs } = this.settings;
    this.#watch = new SendWatch(socket, timers, sendTimeoutMs, () =>
      this.end(new Error('A send took too long.')),
    );
  }

  pause(): void {
    this.posts.pause();
  }

  resume(): void {
    this.posts.resume();
  }

  protected write(payloads: readonly Payload[]): void {
    this.start();
    this.#response.write(eventText(payloads));
    this.#watch?.wrote();
  }

  protected finishWriting(): void {
    this.start();
    this.#response.end();
  }

  protected drop(): void {
    this.#watch?.stop();
    // Before the head went out, whoever started the connection still has an answer to give.
    if (this.#response.headersSent && !this.#response.writableFinished) this.#response.destroy();
  }
}

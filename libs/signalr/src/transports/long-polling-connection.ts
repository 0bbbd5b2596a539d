import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteText, Payload } from '../protocols/hub-protocol.js';
import { asBuffer } from './payloads.js';
import { PostLane } from './post-lane.js';
import { SendWatch } from './send-watch.js';
import { TransportConnection } from './transport-connection.js';

interface Poll {
  readonly response: ServerResponse;
  readonly cancelTimeout: () => void;
}

/** What waits: a text of bytes stays one until a poll takes it, since the texts for many clients share most of their memory. */
type Waiting = Buffer | ByteText;

/** A connection over long polling: what is sent waits for the next poll. */
export class LongPollingConnection extends TransportConnection {
  readonly transport = 'LongPolling';
  readonly posts = new PostLane();
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #poll: Poll | undefined;
  /** Answers that the client has not taken yet: it may poll again meanwhile, on other sockets. */
  readonly #unsent = new Set<ServerResponse>();
  #cancelAway: (() => void) | undefined;
  #flushScheduled = false;

  get bufferedBytes(): number {
    let bytes = this.#queuedBytes;
    for (const { writableLength } of this.#unsent) bytes += writableLength;
    return bytes;
  }

  /** Answers the first poll, at once and empty: clients throw away what is in it. */
  start(response: ServerResponse): void {
    this.#answer(response, []);
    this.#wait();
  }

  /** Takes the next poll in place of the one that may still wait. */
  poll(response: ServerResponse, user: unknown): void {
    this.refreshUser(user);
    this.#release()?.writeHead(204).end();
    this.#cancelAway?.();
    const { timers, pollTimeoutMs } = this.settings;
    const cancelTimeout = timers.after(pollTimeoutMs, () => this.#answerWaiting([]));
    this.#poll = { response, cancelTimeout };
    response.on('close', () => this.#pollGone(response));
    this.#flush();
  }

  pause(): void {
    this.posts.pause();
  }

  resume(): void {
    this.posts.resume();
  }

  override abort(): void {
    super.abort();
    this.#dropAnswers();
  }

  protected override endSlow(): void {
    super.endSlow();
    this.#dropAnswers();
  }

  protected write(payloads: readonly Payload[]): void {
    this.#enqueue(payloads.map(asBuffer));
  }

  protected override writeBytes(messages: readonly ByteText[]): void {
    this.#enqueue(messages);
  }

  protected finishWriting(): void {
    this.#flush();
  }

  protected drop(): void {
    this.#cancelAway?.();
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#release()?.writeHead(204).end();
  }

  #enqueue(all: readonly Waiting[]): void {
    for (const each of all) {
      this.#queue.push(each);
      this.#queuedBytes += each.length;
    }
    this.#flushSoon();
  }

  /** What is sent in one go shares a poll. */
  #flushSoon(): void {
    if (this.#flushScheduled || !this.#poll) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#poll) return;
    if (this.#queuedBytes > 0) this.#answerWaiting(this.#takeQueue());
    else if (!this.isOpen) this.end();
  }

  #takeQueue(): readonly Waiting[] {
    const taken = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    return taken;
  }

  #answerWaiting(chunks: readonly Waiting[]): void {
    const response = this.#release();
    if (!response) return;
    this.#answer(response, chunks);
    this.#wait();
  }

  #answer(response: ServerResponse, chunks: readonly Waiting[]): void {
    const body = Buffer.concat(chunks.map(asBytes));
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': body.byteLength,
    });
    const { socket } = response;
    response.end(body);
    if (socket) this.#watchAnswer(socket);
    if (response.writableLength === 0) return;
    this.#unsent.add(response);
    response.once('close', () => this.#unsent.delete(response));
  }

  #dropAnswers(): void {
    for (const response of this.#unsent) response.destroy();
  }

  /** The answer belongs to the client from here on; a client that does not take it loses the socket. */
  #watchAnswer(socket: Socket): void {
    const { timers, sendTimeoutMs } = this.settings;
    new SendWatch(socket, timers, sendTimeoutMs, () => socket.destroy()).wrote();
  }

  /** Takes the waiting poll off, for its answer. */
  #release(): ServerResponse | undefined {
    const poll = this.#poll;
    this.#poll = undefined;
    poll?.cancelTimeout();
    return poll?.response;
  }

  #pollGone(response: ServerResponse): void {
    if (this.#poll?.response !== response) return;
    this.#release();
    this.#wait();
  }

  /** Until the next poll comes, the client is away. */
  #wait(): void {
    const { timers, disconnectTimeoutMs } = this.settings;
    this.#cancelAway?.();
    this.#cancelAway = timers.after(disconnectTimeoutMs, () =>
      this.end(new Error('The client has stopped polling.')),
    );
  }
}

function asBytes(waiting: Waiting): Buffer {
  return typeof waiting === 'string' ? Buffer.from(waiting, 'latin1') : waiting;
}

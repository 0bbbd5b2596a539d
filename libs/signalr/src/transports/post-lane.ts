import type { IncomingMessage } from 'node:http';
import { Refused, refusals } from './answers.js';

/** Far more than any client has under way: clients send one POST at a time. */
const maxWaiting = 64;

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw refusals.longBody();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw refusals.longBody();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** The POST bodies of one connection, one after the other in order of arrival. The others wait unread, in their sockets. */
export class PostLane {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #resumed: Promise<void> | undefined;
  #resume: () => void = () => {};

  /** Leaves bodies that have not been begun where they are. */
  pause(): void {
    this.#resumed ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resumed = undefined;
    this.#resume();
  }

  /** Reads a body and hands it on whole: of one that breaks off, nothing is taken. */
  async take(request: IncomingMessage, maxBytes: number, onBody: (body: Buffer) => void): Promise<void> {
    if (this.#waiting >= maxWaiting) throw refusals.crowdedPosts();
    this.#waiting++;
    const turn = this.#last.then(async () => onBody(await this.#read(request, maxBytes)));
    this.#last = turn.then(
      () => this.#waiting--,
      () => this.#waiting--, // its own request is answered with the failure
    );
    await turn;
  }

  async #read(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
    while (this.#resumed) await this.#resumed; // it may be paused again before its turn
    try {
      return await readBody(request, maxBytes);
    } catch (error) {
      throw error instanceof Refused ? error : refusals.brokenBody();
    }
  }
}

import { TurnBudget } from '@ringback/async';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A socket whose client has sent so many requests without waiting for an answer is closed: each costs memory until its turn. */
const MAX_WAITING = 10_000;

/** What is used of a socket of Node's HTTP server, beyond its published types. */
interface HttpSocket extends Socket {
  /** Node reads nothing more from a socket with this mark; without it, it goes on reading after each request. */
  _paused?: boolean;
  readonly parser?: { resume(): void } | null;
}

/** A request that waits for those before it. */
interface WaitingRequest {
  readonly response: ServerResponse;
  readonly work: () => void;
}

/**
 * Has one request of a socket in work at a time: those that are pipelined behind it wait until it is answered, each for a turn of its own, and meanwhile
 * the socket is not read. HTTP answers them in order anyway; this way a client that sends thousands at once holds up nobody else. The requests of thousands
 * of sockets that come together share a bounded time in each turn of the loop.
 */
export class RequestTurns {
  /** Of the sockets that have a request in work: what waits behind it, if anything ever has. */
  private readonly waiting = new WeakMap<Socket, WaitingRequest[] | undefined>();

  private readonly begun = new TurnBudget();

  constructor(private readonly maxWaiting = MAX_WAITING) {}

  /** Whether a request of the socket is not answered yet. */
  isBusy(socket: Socket): boolean {
    return this.waiting.has(socket);
  }

  /** Calls `work`, which must not throw, at once or when its turn has come; not at all if the socket closes before. */
  run({ socket }: IncomingMessage, response: ServerResponse, work: () => void): void {
    if (!this.waiting.has(socket)) return this.begin(socket, response, work);
    const waiting = this.waiting.get(socket) ?? [];
    this.waiting.set(socket, waiting);
    if (waiting.push({ response, work }) > this.maxWaiting) socket.destroy();
    else pause(socket);
  }

  private begin(socket: Socket, response: ServerResponse, work: () => void): void {
    if (!this.waiting.has(socket)) this.waiting.set(socket, undefined);
    response.once('close', () => this.onAnswered(socket));
    const begin = (): void => {
      if (!socket.destroyed) work();
    };
    this.begun.each([socket], begin).catch((error: unknown) => socket.destroy(error as Error));
  }

  private onAnswered(socket: Socket): void {
    const waiting = this.waiting.get(socket);
    if (socket.destroyed || !waiting) this.waiting.delete(socket);
    else setImmediate(() => this.beginNext(socket, waiting));
  }

  private beginNext(socket: Socket, waiting: WaitingRequest[]): void {
    const next = socket.destroyed ? undefined : waiting.shift();
    if (waiting.length > 0) pause(socket);
    else resume(socket); // the last one's body may still be on its way
    if (next) this.begin(socket, next.response, next.work);
    else this.waiting.delete(socket);
  }
}

function pause(socket: HttpSocket): void {
  socket._paused = true;
  socket.pause();
}

function resume(socket: HttpSocket): void {
  if (!socket._paused) return;
  socket._paused = false;
  socket.parser?.resume();
  socket.resume();
}

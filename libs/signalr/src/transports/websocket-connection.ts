import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ByteText, Payload } from '../protocols/hub-protocol.js';
import { joined } from './payloads.js';
import { SendWatch } from './send-watch.js';
import { frameOf } from './websocket-frame.js';
import { TransportConnection, type ConnectionFacts } from './transport-connection.js';

const normalClosure = 1000;
const serverFault = 1011;
/** How `ws` reports a socket that went without a close frame. */
const abnormalClosure = 1006;
/** Codes of a client that simply leaves: 1005, no code at all, is how the JS client always does. */
const normalCodes: ReadonlySet<number> = new Set([normalClosure, 1001, 1005]);

/** A write to a socket that is closing fails; its close event follows and says the same. */
const reportedByClose = (): void => undefined;

interface Attached {
  readonly socket: WebSocket;
  /** The TCP or TLS socket below. */
  readonly carrier: Duplex;
  readonly watch: SendWatch;
}

/** A connection over WebSockets. With stateful reconnect it outlives its socket for a while, and what is sent meanwhile is left to its user to repeat. */
export class WebSocketConnection extends TransportConnection {
  readonly transport = 'WebSockets';
  /** Whether the negotiation granted stateful reconnect; a hub may have given it up since. */
  readonly reconnectGranted: boolean;
  #reconnectEnabled: boolean;
  #attached: Attached | undefined;
  #cancelWindow: (() => void) | undefined;
  #paused = false;

  constructor(facts: ConnectionFacts, statefulReconnect: boolean) {
    super(facts);
    this.reconnectGranted = statefulReconnect;
    this.#reconnectEnabled = statefulReconnect;
  }

  override get statefulReconnect(): boolean {
    return this.#reconnectEnabled;
  }

  get carrier(): Duplex | undefined {
    return this.#attached?.carrier;
  }

  get bufferedBytes(): number {
    return this.#attached?.socket.bufferedAmount ?? 0;
  }

  override disableReconnect(): void {
    this.#reconnectEnabled = false;
    if (!this.#attached) this.end();
  }

  pause(): void {
    this.#paused = true;
    this.#attached?.socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#attached?.socket.resume();
  }

  /** Takes the first socket. */
  attach(socket: WebSocket, carrier: Duplex): void {
    const { timers, sendTimeoutMs } = this.settings;
    const watch = new SendWatch(carrier as Socket, timers, sendTimeoutMs, () =>
      this.#lose(socket, new Error('A send took too long.')),
    );
    this.#attached = { socket, carrier, watch };
    socket.on('message', (data: Buffer) => {
      if (this.#attached?.socket === socket) this.receive(data);
    });
    this.#answerPings(socket);
    this.#followEnd(socket);
    if (this.#paused) socket.pause();
  }

  /** The client is back on another socket; the old one, if it still looks alive, is replaced. */
  reattach(socket: WebSocket, carrier: Duplex): void {
    this.#detach();
    this.attach(socket, carrier);
    this.tell((listener) => listener.onReattached());
  }

  protected write(payloads: readonly Payload[]): void {
    if (!this.#attached) return;
    const { socket, watch } = this.#attached;
    socket.send(joined(payloads), { binary: this.format === 'Binary' }, reportedByClose);
    watch.wrote();
  }

  /** Past `ws`, which would copy the bytes and write header and message apart: that is most of what a short message costs outside of the kernel. */
  protected override writeBytes(messages: readonly ByteText[]): void {
    if (!this.#attached || !takesFrames(this.#attached)) return super.writeBytes(messages);
    const { carrier, watch } = this.#attached;
    carrier.write(frameOf(this.format, messages), 'latin1');
    watch.wrote();
  }

  protected finishWriting(error: Error | undefined): void {
    if (this.#attached) this.#attached.socket.close(error ? serverFault : normalClosure);
    else this.end(error);
  }

  protected drop(): void {
    this.#detach();
  }

  #detach(): void {
    this.#cancelWindow?.();
    this.#cancelWindow = undefined;
    const attached = this.#attached;
    this.#attached = undefined;
    attached?.watch.stop();
    attached?.socket.terminate();
  }

  /** Of the pings that come in one turn of the event loop the last one is answered (RFC 6455 §5.5.3). */
  #answerPings(socket: WebSocket): void {
    let last: Buffer | undefined;
    const answer = (): void => {
      if (last) this.#pong(socket, last);
      last = undefined;
    };
    socket.on('ping', (data: Buffer) => {
      if (!last) setImmediate(answer);
      last = data;
    });
  }

  /** Not to a client that sends pings and never reads: it is let go. */
  #pong(socket: WebSocket, data: Buffer): void {
    if (this.#attached?.socket !== socket || socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > this.settings.maxBufferedBytes) this.endSlow();
    else socket.pong(data, false, reportedByClose);
  }

  #followEnd(socket: WebSocket): void {
    let broken: Error | undefined;
    socket.on('error', (error) => {
      broken = error;
    });
    socket.on('close', (code) => {
      if (this.#attached?.socket !== socket) return;
      if (code === abnormalClosure && !broken) this.#lose(socket, new Error('The socket was lost.'));
      else this.end(broken ?? closeError(code));
    });
  }

  /** Gone without a close handshake: with stateful reconnect the client may come back. */
  #lose(socket: WebSocket, error: Error): void {
    if (this.#attached?.socket !== socket) return;
    if (this.isOpen && this.#reconnectEnabled) this.#openWindow(error);
    else this.end(this.isOpen ? error : undefined);
  }

  #openWindow(error: Error): void {
    this.#detach();
    const { timers, disconnectTimeoutMs } = this.settings;
    this.#cancelWindow = timers.after(disconnectTimeoutMs, () => this.end(error));
  }
}

/** Whether a frame may be written to the socket below: `ws` has nothing of its own that waits to go first, and no close has been sent. */
function takesFrames({ socket, carrier }: Attached): boolean {
  return socket.readyState === socket.OPEN && socket.bufferedAmount === carrier.writableLength;
}

function closeError(code: number): Error | undefined {
  return normalCodes.has(code) ? undefined : new Error(`The client closed the socket with code ${code}.`);
}

import type { Frame } from '@ringback/core';
import type { InboundQueue } from '@ringback/gateway-kit';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { packetOf } from './socketio.codec.js';
import { textFrames } from './websocket-frame.js';

/** What is used of a WebSocket of `ws`, beyond its published types. */
export interface EngineWebSocket {
  readonly readyState: number;
  readonly extensions: string;
  /** The TCP or TLS socket below. */
  readonly _socket?: Socket | null;
  readonly _sender?: { readonly sendFrame?: unknown };
  readonly isPaused: boolean;
  pause(): void;
  resume(): void;
  terminate(): void;
  pong(data: Buffer, mask: boolean, onSent: () => void): void;
}

/** What is used of a transport of Engine.IO, beyond its published types. */
interface EngineTransport {
  readonly name: string;
  /** Of a WebSocket transport. */
  readonly socket?: EngineWebSocket;
  /** Of a polling transport, while a poll waits. */
  readonly res?: ServerResponse | null;
  /** Of a polling transport: how long it waits, when it is closed, for a poll to say so. */
  closeTimeout?: number;
  on(event: 'headers', listener: (headers: unknown, request: IncomingMessage) => void): void;
}

/** What is used of a packet of Engine.IO. */
export interface EnginePacket {
  readonly data?: string | Uint8Array;
  readonly options?: { readonly wsPreEncodedFrame?: readonly Uint8Array[] };
}

/** What is used of a connection of Engine.IO, beyond its published types. */
export interface EngineConnection {
  readonly readyState: string;
  readonly transport: EngineTransport;
  readonly writeBuffer: readonly EnginePacket[];
  write(data: string, options?: { wsPreEncodedFrame: readonly Uint8Array[] }): unknown;
  close(discard?: boolean): void;
  /** Runs while the answer to a ping is awaited. */
  readonly pingTimeoutTimer?: NodeJS.Timeout | null;
  sendPacket(type: 'ping'): void;
  listeners(event: string): unknown[];
  removeListener(event: string, listener: (...args: unknown[]) => void): void;
  on(event: 'packetCreate', listener: (packet: EnginePacket) => void): void;
  on(event: 'data', listener: (data: string | Uint8Array) => void): void;
  on(event: 'close', listener: (...reason: unknown[]) => void): void;
  on(event: 'flush' | 'drain' | 'packet' | 'upgrade', listener: () => void): void;
}

/** A WebSocket whose TCP socket may be written to directly. */
interface OpenWebSocket extends EngineWebSocket {
  readonly _socket: Socket;
}

const OPEN = 1;

/** How long a peer may take over the end of a connection. */
export const CLOSE_TIMEOUT_MS = 5_000;

/** Who is told that more waits for a client that goes on sending than the bound allows. */
export interface TransportOwner {
  readonly connectionId: string;
  onOverflow(): void;
}

/** What comes in over a connection. */
export interface TransportInbound {
  readonly queue: InboundQueue;
  /** Resolves when what is posted may be read; `undefined` if it may be now. Throws `bad-request` if another POST waits already. */
  untilReading(): Promise<void> | undefined;
}

/** One Engine.IO connection seen from below: the shortest way into it, what waits in it, and how to end it at once. */
export class EngineIoTransport {
  /** Absent until the client is admitted. */
  owner: TransportOwner | undefined;
  /** What comes in over it. */
  inbound: TransportInbound | undefined;
  private webSocket: OpenWebSocket | undefined;
  /** Answers to polls whose client has not taken all: it may poll again meanwhile, on other sockets. */
  private readonly responses = new Set<ServerResponse>();
  /** Bytes in the buffer of Engine.IO. */
  private engineBufferedBytes = 0;

  constructor(
    private readonly conn: EngineConnection,
    private readonly limitBytes: number,
  ) {
    conn.on('packetCreate', (packet) => (this.engineBufferedBytes += bytesOf(packet)));
    conn.on('flush', () => this.onFlush());
    conn.on('drain', () => this.webSocket?._socket.uncork());
    conn.on('packet', () => this.checkBackpressure());
    conn.on('upgrade', () => this.bindTransport());
    this.bindTransport();
  }

  /** Whether frames go to the TCP socket without passing Engine.IO and `ws`. */
  get direct(): boolean {
    return this.webSocket !== undefined;
  }

  /** The TCP or TLS socket of a WebSocket. */
  get socket(): Socket | undefined {
    return this.conn.transport.socket?._socket ?? undefined;
  }

  /** Whether what is sent waits for the next poll. */
  get isPolling(): boolean {
    return this.conn.transport.name === 'polling';
  }

  /** Bytes that the operating system has not taken yet. */
  get bufferedBytes(): number {
    const { webSocket, engineBufferedBytes } = this;
    return engineBufferedBytes + (webSocket ? webSocket._socket.writableLength : this.unsentBytes());
  }

  /** Writes Engine.IO messages, in order with everything else that is sent. */
  write(messages: readonly Frame[]): void {
    if (this.webSocket) this.writeFrames(this.webSocket, textFrames(messages));
    else for (const message of messages) this.conn.write(packetOf(message));
  }

  /** Whatever a client sends may make the server send: who does not read meanwhile must not fill the memory. */
  checkBackpressure(): void {
    if (this.bufferedBytes <= this.limitBytes) return;
    if (this.owner) this.owner.onOverflow();
    else this.terminate();
  }

  /** Ends the connection after what was written. */
  close(): void {
    this.conn.close();
  }

  /** Ends the connection without a closing handshake, which a peer that does not read would never finish. */
  terminate(): void {
    if (this.webSocket) return this.webSocket.terminate();
    this.conn.close(true);
    for (const response of this.responses) response.destroy();
  }

  private writeFrames(webSocket: OpenWebSocket, frames: Frame): void {
    const { conn } = this;
    // What waits in the buffer of Engine.IO goes first.
    if (conn.readyState === 'open' && conn.writeBuffer.length === 0 && webSocket.readyState === OPEN) {
      webSocket._socket.write(frames, 'latin1');
    } else {
      conn.write('', { wsPreEncodedFrame: [Buffer.from(frames, 'latin1')] });
    }
  }

  /** Until `drain`, Engine.IO hands over what it has buffered: in one write to the system, and not one for each packet. */
  private onFlush(): void {
    this.engineBufferedBytes = 0;
    this.webSocket?._socket.cork();
  }

  private bindTransport(): void {
    const { transport } = this.conn;
    this.webSocket = openWebSocket(transport);
    if (transport.name === 'polling') this.bindPolling(transport);
  }

  private bindPolling(transport: EngineTransport): void {
    transport.closeTimeout = CLOSE_TIMEOUT_MS;
    transport.on('headers', (_, request) => this.onPollResponse(request));
  }

  /** A polling transport begins to answer a request. */
  private onPollResponse(request: IncomingMessage): void {
    const response = request.method === 'GET' ? this.conn.transport.res : undefined;
    if (!response) return;
    this.responses.add(response);
    response.once('close', () => this.responses.delete(response));
  }

  private unsentBytes(): number {
    let bytes = 0;
    for (const response of this.responses) bytes += response.writableFinished ? 0 : response.writableLength;
    return bytes;
  }
}

/** The WebSocket of a transport if all is as expected; else its frames take the published way. */
function openWebSocket({ name, socket }: EngineTransport): OpenWebSocket | undefined {
  if (name !== 'websocket' || socket?.extensions !== '') return undefined;
  if (!(socket._socket instanceof Socket) || typeof socket._sender?.sendFrame !== 'function')
    return undefined;
  return socket as OpenWebSocket;
}

function bytesOf({ data, options }: EnginePacket): number {
  return (data ?? options?.wsPreEncodedFrame?.[0])?.length ?? 0;
}

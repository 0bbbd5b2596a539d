import type { Duplex } from 'node:stream';
import type { ByteText, TransferFormat, Payload } from './protocols/hub-protocol.js';

/** What a transport tells whoever uses the connection. Called one after the other, never after `onClosed`. */
export interface ConnectionListener {
  /** Inbound bytes, cut anywhere. Inbound is a byte stream: frames and bodies carry no meaning. */
  onBytes(bytes: Uint8Array): void;
  /** The transport is gone for good (with stateful reconnect: after its window). At most once. */
  onClosed(error?: Error): void;
  /** With stateful reconnect: the client is back on another socket. Whoever uses it sends Sequence first. */
  onReattached(): void;
}

/** The request that opened the transport, as far as hubs may see it. Header names are lower-case. */
export interface OpeningRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** The other end of the socket: a proxy, where there is one. */
  readonly remoteAddress?: string | undefined;
}

/** One logical connection of a client, whichever transport carries it. */
export interface ClientConnection {
  /** Public. */
  readonly connectionId: string;
  readonly transport: 'WebSockets' | 'ServerSentEvents' | 'LongPolling';
  /** The TCP or TLS socket of a WebSocket; absent with other transports, and while the client is away. */
  readonly carrier?: Duplex | undefined;
  /** Formats that the transport carries. */
  readonly transferFormats: readonly TransferFormat[];
  /** Keep-alive pings are needed (not on long polling). */
  readonly needsPings: boolean;
  readonly statefulReconnect: boolean;
  readonly opening: OpeningRequest;
  /** Who the access policy said it is. */
  readonly user: unknown;
  /** Bytes that were handed over and that the operating system (or the next poll) has not taken yet. */
  readonly bufferedBytes: number;
  /** Set once, by the handshake, before its answer is written. */
  setFormat(format: TransferFormat): void;
  /** Hands over whole messages, in order, one write (frame, event, part of a poll body). Never throws, never waits. */
  send(payloads: readonly Payload[]): void;
  /** Like `send`, for messages whose bytes are ready: the shortest way that the transport has. */
  sendBytes(messages: readonly ByteText[]): void;
  /** Writes what was handed over, then ends the transport: WebSocket 1000 (1011 with `error`), response end, 204 to the poll. */
  close(error?: Error): void;
  /** Ends it at once. */
  abort(): void;
  listen(listener: ConnectionListener): void;
}

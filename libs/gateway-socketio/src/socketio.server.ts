import { HubError, type CLIENT_METHODS, type CloseReason } from '@ringback/contract';
import type { Identity, SessionRequest } from '@ringback/core';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Server, Socket } from 'socket.io';
import type { EngineConnection } from './engine-link.js';
import { ConnectRefusal, type ErrorNotice } from './socketio.errors.js';

/** Clients and other nodes may send anything: it is parsed where it comes in. */
type Anything = Record<string, (...args: never[]) => void>;

/** What the hub calls at its clients through Socket.IO itself; deliveries are written past it. */
interface ServerToClient {
  [CLIENT_METHODS.close]: (reason: CloseReason) => void;
  [CLIENT_METHODS.error]: (notice: ErrorNotice) => void;
}

/** What is known of an admitted client. */
interface SocketData {
  identity: Identity;
  /** Of a named subscriber. */
  session?: SessionRequest | undefined;
}

export type HubServer = Server<Anything, ServerToClient, Anything, SocketData>;
export type HubSocket = Socket<Anything, ServerToClient, Anything, SocketData>;

/** A request to Engine.IO, which puts the WebSocket of an accepted upgrade there. */
export interface EngineRequest extends IncomingMessage {
  readonly websocket?: Pick<EventEmitter, 'on'>;
}

/** What is used of the server of Engine.IO, beyond its published types. */
export interface Engine {
  readonly clients: Readonly<Record<string, EngineConnection>>;
  readonly clientsCount: number;
  generateId: () => string;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, link: Duplex, head: Buffer): void;
  on(event: 'connection', listener: (conn: EngineConnection) => void): void;
}

/** What is used of a packet of Socket.IO. */
interface Packet {
  readonly type: number;
  readonly data?: unknown;
}

interface Encoder {
  encode(packet: Packet): unknown;
}

const CONNECT_ERROR = 4;

/** Gives the refusal of namespaces other than `/` a code: Socket.IO itself writes only `Invalid namespace`, and has no hook. */
export function codeNamespaceRefusals(io: HubServer): void {
  const encoder = io.encoder as unknown as Encoder;
  const encode = encoder.encode.bind(encoder);
  const { message, data } = new ConnectRefusal(
    new HubError('not-found', 'There is no such namespace; the hub is in the namespace /.'),
  );
  encoder.encode = (packet) => encode(isUncoded(packet) ? { ...packet, data: { message, data } } : packet);
}

function isUncoded({ type, data }: Packet): boolean {
  return type === CONNECT_ERROR && !(data as { data?: unknown }).data;
}

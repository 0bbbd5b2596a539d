import type { CLIENT_METHODS, CloseReason } from '@ringback/contract';
import type { Identity, SessionRequest } from '@ringback/core';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Server, Socket } from 'socket.io';
import type { EngineConnection, EngineWebSocket } from './engine-io-transport.js';
import type { ErrorNotice } from './socketio.errors.js';

/** Clients and other nodes may send anything: it is parsed where it comes in. */
type Anything = Record<string, (...args: never[]) => void>;

/** What the hub calls at its clients through Socket.IO itself; deliveries are written past it. */
interface ServerToClient {
  [CLIENT_METHODS.close]: (reason: CloseReason) => void;
  [CLIENT_METHODS.error]: (notice: ErrorNotice) => void;
}

/** Who an authenticated client is, until its session has begun. */
interface SocketData {
  admission?: { readonly identity: Identity; readonly session: SessionRequest | undefined } | undefined;
}

export type HubServer = Server<Anything, ServerToClient, Anything, SocketData>;
export type HubSocket = Socket<Anything, ServerToClient, Anything, SocketData>;

/** A request to Engine.IO, which puts the WebSocket of an accepted upgrade there. */
export interface EngineRequest extends IncomingMessage {
  readonly websocket?: Pick<EventEmitter, 'on' | 'removeAllListeners'> & EngineWebSocket;
}

/** What is used of the server of Engine.IO, beyond its published types. */
export interface Engine {
  readonly clients: Readonly<Record<string, EngineConnection>>;
  readonly clientsCount: number;
  generateId: () => string;
  /** Of `ws`: whether it answers pings by itself; how long, in milliseconds, the other side may take over the closing handshake, whoever began it. */
  readonly ws: { readonly options: { autoPong: boolean; closeTimeout: number } };
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  on(event: 'connection', listener: (conn: EngineConnection) => void): void;
}

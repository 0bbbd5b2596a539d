import type { Hub } from '@ringback/core';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { SocketIoConfig } from './socketio.config.js';
import { SocketIoGateway } from './socketio.gateway.js';

/** What a stock client emits next under a name. */
export function heard(
  emitter: { once(name: string, listener: (...args: unknown[]) => void): unknown },
  name: string,
): Promise<unknown[]> {
  return new Promise((resolve) => {
    emitter.once(name, (...args) => resolve(args));
  });
}

/** The gateway on an HTTP server of its own, and stock clients of it. For specs. */
export class ServedGateway {
  private readonly clients: Socket[] = [];

  private constructor(
    readonly server: Server,
    private readonly gateway: SocketIoGateway,
  ) {}

  static async start(hub: Hub, config: SocketIoConfig = {}): Promise<ServedGateway> {
    const server = createServer((_, response) => response.writeHead(404).end('of somebody else'));
    const gateway = new SocketIoGateway(hub, config);
    gateway.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ServedGateway(server, gateway);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A stock client that has begun to connect; it reconnects only if asked to. */
  client(options: Partial<ManagerOptions & SocketOptions> = {}, namespace = '/'): Socket {
    const socket = io(this.url + namespace, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      ...options,
    });
    this.clients.push(socket);
    return socket;
  }

  /** A stock client once it is connected. */
  async connected(options: Partial<ManagerOptions & SocketOptions> = {}): Promise<Socket> {
    const socket = this.client(options);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return socket;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.disconnect();
    await this.gateway.close();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

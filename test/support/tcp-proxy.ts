import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of something, whose connections a test may cut, or make swallow everything. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();

  /** Of those that are made from now on. */
  private swallowing = false;

  private constructor(private readonly server: Server) {}

  /** `onClient` gets each connection of a client before anything has come on it. */
  static async start(target: string, onClient?: (client: Socket) => void): Promise<TcpProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    const proxy = new TcpProxy(server);
    server.on('connection', (client) => {
      onClient?.(client);
      proxy.join(client, connect(Number(port), hostname));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Cuts every connection, as a broken network does: no goodbye on any layer above TCP. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Swallows what comes on connections that are open, and on new ones until `resume`, without ending any. */
  pause(): void {
    this.swallowing = true;
    for (const socket of this.sockets) swallow(socket);
  }

  /** New connections work again; those that have swallowed anything stay silent for ever, like half-open ones. */
  resume(): void {
    this.swallowing = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, upstream: Socket): void {
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      if (this.swallowing) swallow(socket);
      else socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}

function swallow(socket: Socket): void {
  socket.unpipe();
  socket.resume();
}

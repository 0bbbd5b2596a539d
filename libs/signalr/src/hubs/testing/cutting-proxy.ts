import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy that cuts all its connections at a chosen byte. */
export class CuttingProxy {
  cuts = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private bytesToCut: { toClient: number; toServer: number } = { toClient: Infinity, toServer: Infinity };

  private constructor(private readonly targetPort: number) {
    this.server = createServer((client) => this.carry(client));
  }

  static async start(targetPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Cuts once that many more bytes have gone one way; the rest of them is lost. */
  cutAfter(way: 'toClient' | 'toServer', bytes: number): void {
    this.bytesToCut[way] = bytes;
  }

  async stop(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private carry(client: Socket): void {
    const server = connect(this.targetPort, '127.0.0.1');
    for (const socket of [client, server]) {
      this.sockets.add(socket.setNoDelay());
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.sockets.delete(socket));
    }
    this.pass(client, server, 'toServer');
    this.pass(server, client, 'toClient');
  }

  private pass(from: Socket, to: Socket, way: 'toClient' | 'toServer'): void {
    from.on('data', (bytes) => {
      const before = this.bytesToCut[way];
      this.bytesToCut[way] = before - bytes.length;
      if (bytes.length < before) return void to.write(bytes);
      this.bytesToCut[way] = Infinity;
      this.cuts += 1;
      return void to.write(bytes.subarray(0, before), () => this.cutAll());
    });
    from.on('close', () => to.destroy());
  }

  private cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createProxyServer } from 'httpxy';
import { forwardElsewhere, type EndpointOptions, type Forwarding } from '../index.js';
import { Bench } from './bench.js';
import { TokenCluster } from './token-cluster.js';

/** Several endpoints that share a key and claims and forward to each other; and a load balancer that sends each request to the next. */
export class BenchCluster {
  readonly nodes: Bench[] = [];
  /** Where nodes are said to be. A spec may change it. */
  readonly addresses = new Map<string, string>();
  /** Out of reach, addresses cannot be asked for either. */
  readonly shared = new TokenCluster();
  readonly #forwardings: Forwarding[] = [];
  readonly #front: Server = createServer();
  #next = 0;

  static async start(count: number, options: (node: number) => Partial<EndpointOptions> = () => ({})) {
    const cluster = new BenchCluster();
    for (let node = 0; node < count; node++) await cluster.#add(`node-${node}`, options(node));
    await cluster.#listen();
    return cluster;
  }

  node(index: number): Bench {
    const bench = this.nodes[index];
    if (!bench) throw new Error(`there is no node ${index}`);
    return bench;
  }

  /** Of the load balancer. */
  get url(): string {
    return `http://127.0.0.1:${(this.#front.address() as AddressInfo).port}`;
  }

  get faults(): Error[] {
    return this.shared.faults;
  }

  get connectionCount(): number {
    return this.nodes.reduce((sum, { endpoint }) => sum + endpoint.connectionCount, 0);
  }

  async stop(): Promise<void> {
    this.#front.closeAllConnections();
    await new Promise((resolve) => this.#front.close(resolve));
    for (const forwarding of this.#forwardings) forwarding.close();
    for (const bench of this.nodes) await bench.stop();
  }

  async #add(nodeId: string, options: Partial<EndpointOptions>): Promise<void> {
    const onFault = (error: Error): void => void this.faults.push(error);
    const tokens = this.shared.node(nodeId);
    const addressOf = async (node: string): Promise<string | undefined> => this.#lookUp(node);
    const elsewhere = forwardElsewhere({ nodeId, addressOf, onFault, connectMs: 500, responseMs: 5_000 });
    const bench = await Bench.start({ tokens, elsewhere, onFault, ...options });
    this.#forwardings.push(elsewhere);
    this.nodes.push(bench);
    this.addresses.set(nodeId, `http://127.0.0.1:${bench.port}`);
  }

  #lookUp(nodeId: string): string | undefined {
    if (!this.shared.reachable) throw new Error('no addresses');
    return this.addresses.get(nodeId);
  }

  async #listen(): Promise<void> {
    const proxy = createProxyServer();
    const nextTarget = (): string => `http://127.0.0.1:${this.node(this.#next++ % this.nodes.length).port}`;
    proxy.on('error', (_error, _request, to) => to?.destroy());
    this.#front.on('request', (request, response) => {
      proxy.web(request, response, { target: nextTarget(), agent: false }).catch(() => response.destroy());
    });
    this.#front.on('upgrade', (request, socket, head) => {
      const options = { target: nextTarget(), agent: false };
      proxy.ws(request, socket as Socket, options, head).catch(() => socket.destroy());
    });
    this.#front.listen(0, '127.0.0.1');
    await once(this.#front, 'listening');
  }
}

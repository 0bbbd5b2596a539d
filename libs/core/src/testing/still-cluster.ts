import type { Limits } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FakeClock, MemoryCluster } from '@ringback/memory';
import type { HubPorts } from '../hub.js';
import type { SessionSummary } from '../ports/session-store.port.js';
import type { RecordingConnection } from './recording-connection.js';
import { TestHub } from './test-hub.js';

/** Nodes on a memory cluster whose time stands still unless a test moves it. */
export class StillCluster {
  readonly clock = new FakeClock();
  readonly ports: ReturnType<MemoryCluster['node']>;
  private readonly cluster: MemoryCluster;

  constructor(keptEnvelopes = 1_000) {
    this.cluster = new MemoryCluster({ history: { envelopes: keptEnvelopes } });
    this.ports = this.cluster.node();
  }

  /** A node that has joined. */
  async start(ports: Partial<HubPorts> = {}, limits: Partial<Limits> = {}): Promise<TestHub> {
    const node = new TestHub(this.cluster, { ports: { clock: this.clock, ...ports }, limits });
    await node.hub.start();
    return node;
  }

  /** Time passes on the nodes, step by step, until the condition holds. */
  async passing(stepMs: number, condition: () => unknown): Promise<void> {
    await waitFor(() => {
      this.clock.advance(stepMs);
      this.clock.turn();
      return condition();
    });
  }

  /** What the connection was sent, once so many frames have come. */
  async frames(connection: RecordingConnection, count: number): Promise<readonly string[]> {
    await this.passing(0, () => connection.frames.length >= count);
    return connection.frames;
  }

  /** The session of `n:anyone/s`. */
  session(): Promise<SessionSummary | undefined> {
    return this.ports.sessions.find('n:anyone/s');
  }

  /** The connection that holds it. */
  async holder(): Promise<string | undefined> {
    return (await this.session())?.holder?.connectionId;
  }

  /** Ends the connection that holds it, and waits until the store knows. */
  async leave(node: TestHub, connection: RecordingConnection): Promise<void> {
    node.disconnect(connection);
    await waitFor(async () => !(await this.holder()), 'the end of the connection');
  }

  /** The node has not renewed its lease in time. */
  async loseLease({ hub }: TestHub): Promise<void> {
    const lease = await this.ports.leases.node(hub.nodeId);
    if (lease) this.cluster.expireLease(lease);
  }

  /** Redis starts anew with all that it had kept. */
  restart(): void {
    this.cluster.restart({ keep: true });
  }
}

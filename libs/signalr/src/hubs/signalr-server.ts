import { randomUUID } from 'node:crypto';
import type { ClientConnection } from '../client-connection.js';
import { MemoryBackplane, type Backplane, type BackplaneMessage } from './backplane.js';
import { defineHub, type HubDefinition } from './hub-definition.js';
import { completeOptions, type HubSettings } from './hub-options.js';
import { SignalRHub } from './signalr-hub.js';

/** How a server differs from the defaults. What is said of hubs holds for all of them, unless one says otherwise. */
export type ServerSettings = HubSettings & {
  /** Reaches the other nodes. In memory by default: there are none. */
  readonly backplane?: Backplane;
  /** This node among others. Made up by default. */
  readonly nodeId?: string;
};

/** All hubs of one node, by their paths. */
export class SignalRServer {
  private readonly hubs = new Map<string, SignalRHub>();
  private readonly backplane: Backplane;
  private readonly nodeId: string;
  private readonly stopListening: () => void;

  constructor(private readonly settings: ServerSettings) {
    this.backplane = settings.backplane ?? new MemoryBackplane();
    this.nodeId = settings.nodeId ?? randomUUID();
    this.stopListening = this.backplane.listen((message) => this.receive(message));
  }

  /** Puts a hub at a path; paths are compared without regard to case. Throws when one is there already. */
  addHub(path: string, definition: HubDefinition, settings: Partial<HubSettings> = {}): SignalRHub {
    const hub = path.toLowerCase();
    if (this.hubs.has(hub)) throw new TypeError(`There is a hub at '${path}' already.`);
    const options = completeOptions({ ...this.settings, ...settings });
    const running = new SignalRHub(
      defineHub(definition),
      { hub, from: this.nodeId },
      this.backplane,
      options,
    );
    this.hubs.set(hub, running);
    return running;
  }

  hubAt(path: string): SignalRHub | undefined {
    return this.hubs.get(path.toLowerCase());
  }

  /** Hands a connection that a transport has opened to the hub at `path`; aborts it when there is none. */
  accept(path: string, connection: ClientConnection): void {
    const hub = this.hubAt(path);
    if (hub === undefined) connection.abort();
    else hub.accept(connection);
  }

  /** Lets no more in, sends all away over `overMs` to come back elsewhere, and leaves the backplane once their disconnect hooks are through. */
  async drain(overMs: number): Promise<void> {
    await Promise.all([...this.hubs.values()].map((hub) => hub.drain(overMs)));
    this.stopListening();
  }

  private receive(message: BackplaneMessage): void {
    if (message.from !== this.nodeId) this.hubs.get(message.hub)?.receive(message);
  }
}

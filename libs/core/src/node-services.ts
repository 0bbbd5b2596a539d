import type { Log } from './ports/log.port.js';

/** Something that runs beside the gateways for as long as a node serves: a port of its own, a link to another hub. */
export interface NodeService {
  /** Called once the node has joined its cluster. What it throws fails the start of the node. */
  start(): void | Promise<void>;
  /** Called before the node drains, once, if it was started. What it throws is logged. */
  stop(): void | Promise<void>;
}

/** The services of a node, started in the order in which they were added and stopped together. */
export class NodeServices {
  private readonly services: NodeService[] = [];
  private started: NodeService[] = [];

  constructor(private readonly log: Log) {}

  get areRunning(): boolean {
    return this.started.length > 0;
  }

  add(service: NodeService): void {
    this.services.push(service);
  }

  /** Rejects with what the first service throws; those before it are running. */
  async start(): Promise<void> {
    for (const service of this.services) {
      await service.start();
      this.started.push(service);
    }
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    const running = this.started;
    this.started = [];
    await Promise.all(running.map((service) => this.stopOne(service)));
  }

  private async stopOne(service: NodeService): Promise<void> {
    try {
      await service.stop();
    } catch (error) {
      this.log.warn('service not stopped', { error });
    }
  }
}

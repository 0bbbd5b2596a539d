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
  private isStopped = false;

  constructor(private readonly log: Log) {}

  add(service: NodeService): void {
    this.services.push(service);
  }

  /**
   * Rejects with what the first service throws; those before it are running. If they are stopped meanwhile, the one that is starting is stopped as soon as
   * it has started, and no other starts.
   */
  async start(): Promise<void> {
    for (const service of this.services) {
      if (this.isStopped) return;
      await service.start();
      if (this.isStopped) await this.stopOne(service);
      else this.started.push(service);
    }
  }

  /** From now on no service starts. Answers when those that run have stopped, which never rejects; `undefined` if none runs. Does not wait for one that is starting. */
  stop(): Promise<unknown> | undefined {
    this.isStopped = true;
    const running = this.started;
    this.started = [];
    if (running.length === 0) return undefined;
    return Promise.all(running.map((service) => this.stopOne(service)));
  }

  private async stopOne(service: NodeService): Promise<void> {
    try {
      await service.stop();
    } catch (error) {
      this.log.warn('service not stopped', { error });
    }
  }
}

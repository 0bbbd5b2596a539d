import { setTimeout as delay } from 'node:timers/promises';
import { startHubNode } from '../scripts/hub-node.mjs';
import type { History } from './history.js';

const ATTEMPTS = 6;
const OUTPUT_SHOWN = 2_000;

/** One hub node, which is ended, stopped for a while, and started again at the same place. */
export class HubProcess {
  private running: Awaited<ReturnType<typeof startHubNode>> | undefined;

  constructor(
    readonly nodeId: string,
    readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
    private readonly history: History,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Tries again while Redis cannot be reached. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.running = await startHubNode({
          port: this.port,
          env: { ...this.env, RINGBACK_NODE_ID: this.nodeId },
        });
        this.watch(this.running);
        return;
      } catch (error) {
        this.history.add({ kind: 'noted', what: `${this.nodeId} did not start: ${firstLine(error)}` });
        if (attempt === ATTEMPTS) throw error;
        await delay(500);
      }
    }
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const { running } = this;
    this.running = undefined;
    await running?.stop(signal);
  }

  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.running) process.kill(this.running.pid, signal);
  }

  private watch(running: Awaited<ReturnType<typeof startHubNode>>): void {
    const ended = (): void => {
      if (this.running !== running) return;
      this.running = undefined;
      const output = running.output().slice(-OUTPUT_SHOWN);
      this.history.add({ kind: 'crashed', nodeId: this.nodeId, output });
    };
    running.exited.then(ended, ended);
  }
}

function firstLine(error: unknown): string {
  return String(error).split('\n')[0] ?? '';
}

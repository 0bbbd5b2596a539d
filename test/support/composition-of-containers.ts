import { freePort } from '../../scripts/processes.mjs';
import type { RunningComposition } from './composition.js';
import type { ContainerEngine } from './container-engine.js';

const IMAGE = 'ringback-test';

/** Hubs, Redis and load balancer in containers, from the image as it is built now; under a name and on a port of its own. */
export class CompositionOfContainers implements RunningComposition {
  private constructor(
    private readonly engine: ContainerEngine,
    private readonly port: number,
  ) {}

  static async start(engine: ContainerEngine): Promise<CompositionOfContainers> {
    await engine.build(IMAGE);
    const composition = new CompositionOfContainers(engine, await freePort());
    try {
      await composition.compose('up', '-d', 'balancer');
    } catch (error) {
      await composition.close();
      throw error;
    }
    return composition;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async isHealthy(hub: string): Promise<boolean> {
    const { Status, Health } = await this.stateOf(hub);
    return Status === 'running' && Health.Status === 'healthy';
  }

  async kill(hub: string): Promise<void> {
    await this.engine.docker(['kill', await this.containerOf(hub)]);
  }

  async start(hub: string): Promise<void> {
    await this.engine.docker(['start', await this.containerOf(hub)]);
  }

  async stop(hub: string): Promise<number | null> {
    await this.compose('stop', hub);
    return (await this.stateOf(hub)).ExitCode;
  }

  /** What a program in the container of a hub prints; rejects where it fails. */
  async execute(hub: string, ...args: readonly string[]): Promise<string> {
    return this.engine.docker(['exec', await this.containerOf(hub), ...args]);
  }

  async close(): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '1');
    await this.engine.docker(['image', 'rm', IMAGE]);
  }

  private async stateOf(hub: string): Promise<State> {
    const text = await this.engine.docker(['inspect', '-f', '{{json .State}}', await this.containerOf(hub)]);
    return JSON.parse(text) as State;
  }

  private async containerOf(hub: string): Promise<string> {
    const name = `label=com.docker.compose.service=${hub}`;
    const project = `label=com.docker.compose.project=${this.project}`;
    return (await this.engine.docker(['ps', '-aq', '--filter', name, '--filter', project])).trim();
  }

  private async compose(...args: readonly string[]): Promise<void> {
    await this.engine.compose(args, {
      COMPOSE_PROJECT_NAME: this.project,
      RINGBACK_IMAGE: IMAGE,
      PORT: String(this.port),
    });
  }

  private get project(): string {
    return `ringback-test-${this.port}`;
  }
}

interface State {
  readonly Status: string;
  readonly ExitCode: number;
  readonly Health: { readonly Status: string };
}

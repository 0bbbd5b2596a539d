import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start } from '../../scripts/processes.mjs';
import { root } from '../../scripts/set-up.mjs';

const main = join(root, 'dist/apps/agent/apps/agent/src/main.js');

/** A ticket as GET /tickets shows it. */
export interface ShownTicket {
  readonly id: string;
  readonly ViewModel: string;
  readonly RootId: string;
  readonly Error: string | null;
  readonly Done: string | null;
  readonly state: string;
  readonly attempts: number;
  readonly data: string;
  readonly eventguid?: string;
  readonly position?: string;
}

/** One agent as a process of built files, which a test may stop and start again with another configuration. */
export class AgentProcess {
  private running: Awaited<ReturnType<typeof start>> | undefined;

  private constructor(
    private readonly port: number,
    private readonly directory: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async make(env: Readonly<Record<string, string>>): Promise<AgentProcess> {
    return new AgentProcess(await freePort(), await mkdtemp(join(tmpdir(), 'ringback-agent-')), env);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it has logged. */
  get output(): string {
    return this.running?.output() ?? '';
  }

  /** Resolves when it is ready, whether or not its hubs are. */
  async start(config: object, further: Readonly<Record<string, string>> = {}): Promise<void> {
    const file = join(this.directory, 'agent.json');
    await writeFile(file, JSON.stringify(config));
    const env = {
      LOG_LEVEL: 'info',
      ...this.env,
      ...further,
      RINGBACK_AGENT_CONFIG: file,
      PORT: String(this.port),
    };
    this.running = await start({
      name: `agent on port ${this.port}`,
      command: 'node',
      args: ['--enable-source-maps', main],
      env: { ...process.env, ...env },
      ready: async () => (await fetch(`${this.url}/health/ready`)).ok,
    });
  }

  /** Resolves to the exit code, `null` where a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { running } = this;
    this.running = undefined;
    return running ? running.stop(signal) : null;
  }

  async close(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  /** All tickets, or those that a query like `state=failed` asks for. */
  async tickets(query = ''): Promise<readonly ShownTicket[]> {
    const page = (await this.json(`/tickets?limit=1000&${query}`)) as { items: readonly ShownTicket[] };
    return page.items;
  }

  /** Whether the agent holds the subscription of the event at its hub. */
  async isSubscribed(eventguid: string): Promise<boolean> {
    const { items } = (await this.json('/subscriptions')) as {
      items: readonly { readonly eventguid: string; readonly state: string }[];
    };
    return items.some((item) => item.eventguid === eventguid && item.state === 'active');
  }

  async isConnected(hub = 'main'): Promise<boolean> {
    return (await this.metric(`ringback_agent_hub_connected{hub="${hub}"}`)) === 1;
  }

  /** The value of a metric with its labels; 0 if it does not show. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  send(method: string, path: string, body?: object): Promise<Response> {
    const content = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return fetch(this.url + path, { method, ...content });
  }

  private async json(path: string): Promise<unknown> {
    const answer = await fetch(this.url + path);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}

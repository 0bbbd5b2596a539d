import { join } from 'node:path';
import { startHaproxy } from '../../scripts/haproxy.mjs';
import { freePort, start } from '../../scripts/processes.mjs';

const NODES = 3;
const PROGRAM = join(import.meta.dirname, 'signalr-node.ts');
const TSX = join(import.meta.dirname, '../../node_modules/.bin/tsx');

type Running = Awaited<ReturnType<typeof start>>;

let clusters = 0;

/** Three processes with the test hub behind a load balancer without stickiness: SignalR without the hub. */
export class SignalRCluster {
  private constructor(
    /** Where each node answers. */
    readonly urls: readonly string[],
    /** Where the load balancer answers. */
    readonly url: string,
    private readonly running: readonly Running[],
  ) {}

  static async start(redisUrl: string): Promise<SignalRCluster> {
    const prefix = `rb-signalr-${process.pid}-${++clusters}-${Date.now().toString(36)}`;
    const ports = await Promise.all(Array.from({ length: NODES }, () => freePort()));
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    const nodes = JSON.stringify(Object.fromEntries(urls.map((url, index) => [`node${index + 1}`, url])));
    const running: Running[] = [];
    try {
      const env = { ...process.env, REDIS_URL: redisUrl, REDIS_PREFIX: prefix, NODES: nodes };
      const begun = ports.map((port, index) => startNode(port, { ...env, NODE_ID: `node${index + 1}` }));
      for (const node of await Promise.allSettled(begun)) {
        if (node.status === 'rejected') throw node.reason as Error;
        running.push(node.value);
      }
      const balancer = await startHaproxy({ port: await freePort(), nodes: ports });
      return new SignalRCluster(urls, balancer.url, [balancer, ...running]);
    } catch (error) {
      await Promise.all(running.map((node) => node.stop('SIGKILL')));
      throw error;
    }
  }

  /** Resolves to the exit codes of the nodes. */
  async close(): Promise<(number | null)[]> {
    const [balancer, ...nodes] = this.running;
    await balancer?.stop();
    return Promise.all(nodes.map((node) => node.stop()));
  }
}

function startNode(port: number, env: NodeJS.ProcessEnv): Promise<Running> {
  return start({
    name: `SignalR node on port ${port}`,
    command: TSX,
    args: [PROGRAM],
    env: { ...env, PORT: String(port) },
    ready: async () => (await fetch(`http://127.0.0.1:${port}/`)).ok,
  });
}

import { startHubNode } from '../../../scripts/hub-node.mjs';
import { freePort } from '../../../scripts/processes.mjs';
import { startRedisServer } from '../../../scripts/redis.mjs';
import { AgentProcess } from '../../support/agent-process.js';
import { HandlerService } from '../../support/handler-service.js';
import { RedisMonitor } from '../redis/redis-monitor.js';
import { agentConfig, agentEnvironment } from './agent-environment.js';
import { leads } from './bridge-metrics.js';
import { clusterNode, strictHub } from './hub-environments.js';

type Hub = Awaited<ReturnType<typeof startHubNode>>;

/** All that is recorded, as processes: a Redis that is watched, two nodes on it, a strict hub in memory, and an agent. */
export interface Installation {
  readonly nodes: readonly [Hub, Hub];
  readonly strict: Hub;
  readonly agent: AgentProcess;
  readonly handlers: HandlerService;
  readonly monitor: RedisMonitor;
}

type OnClose = (close: () => unknown) => void;

/** Starts everything, uses it, and closes it again, whatever has happened. */
export async function withInstallation<Result>(
  use: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const closers: (() => unknown)[] = [];
  try {
    return await use(await startInstallation((close) => closers.push(close)));
  } finally {
    await closeAll(closers.reverse());
  }
}

async function startInstallation(onClose: OnClose): Promise<Installation> {
  const redis = await startRedisServer();
  onClose(() => redis.stop());
  const monitor = await RedisMonitor.connect(redis.url);
  onClose(() => monitor.close());
  const handlers = await HandlerService.start();
  onClose(() => handlers.close());
  const agent = await AgentProcess.make(agentEnvironment(redis.url));
  onClose(() => agent.close());
  const strictPort = await freePort();
  const strict = startHub(strictPort, strictHub(), onClose);
  const startNode = async (nodeId: string): Promise<Hub> =>
    startHub(await freePort(), clusterNode(nodeId, redis.url, `http://127.0.0.1:${strictPort}`), onClose);
  // The first node is to lead the bridges, so that recordings do not depend on which one does.
  const [strictNode, one] = await allStarted([strict, startNode('node-a')]);
  await leads(one.url);
  const started = agent.start(agentConfig(one.url, handlers.url));
  const [other] = await allStarted([startNode('node-b'), started]);
  return { nodes: [one, other], strict: strictNode, agent, handlers, monitor };
}

async function startHub(port: number, env: Record<string, string>, onClose: OnClose): Promise<Hub> {
  const hub = await startHubNode({ port, env });
  onClose(() => hub.stop());
  return hub;
}

/** Waits for all, also where one has failed: none may start after everything has been closed. */
async function allStarted<Parts extends readonly Promise<unknown>[]>(
  parts: readonly [...Parts],
): Promise<{ readonly [Index in keyof Parts]: Awaited<Parts[Index]> }> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

/** One after the other. One that fails keeps none of the others open. */
async function closeAll(closers: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed');
}

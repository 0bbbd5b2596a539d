import { setTimeout as delay } from 'node:timers/promises';
import type { TcpProxy } from '../test/support/tcp-proxy.js';
import type { History } from './history.js';
import type { HubProcess } from './hub-process.js';
import type { Disturbance, Lane } from './schedule.js';
import type { Surroundings } from './surroundings.js';

/** Carries out a schedule. Each disturbance is undone before the next one of its lane. */
export class Nemesis {
  constructor(
    private readonly surroundings: Surroundings,
    private readonly history: History,
  ) {}

  /** Resolves when everything has been undone. */
  async run(lanes: readonly Lane[]): Promise<void> {
    const from = this.history.nowMs;
    await Promise.all(lanes.map((lane) => this.runLane(lane, from)));
  }

  private async runLane(lane: Lane, from: number): Promise<void> {
    for (const disturbance of lane) {
      await delay(Math.max(0, from + disturbance.atMs - this.history.nowMs));
      const { kind, target, forMs } = disturbance;
      const what = `${kind} ${target + 1} for ${forMs} ms`;
      const hits = hitBy(disturbance);
      this.history.add({ kind: 'disturbed', what, ...hits });
      await this.disturb(disturbance);
      this.history.add({ kind: 'healed', what, ...hits });
    }
  }

  private disturb({ kind, target, forMs }: Disturbance): Promise<void> {
    const { surroundings } = this;
    const ways: Record<Disturbance['kind'], () => Promise<void>> = {
      'kill-node': () => restart(surroundings.node(target), 'SIGKILL', forMs),
      'drain-node': () => restart(surroundings.node(target), 'SIGTERM', forMs),
      'pause-node': () => freeze(surroundings.node(target), forMs),
      'kill-redis': () => this.restartRedis(forMs),
      'pause-redis': () => this.freezeRedis(forMs),
      'cut-redis-link': () => cut(surroundings.redisLink(target)),
      'swallow-redis-link': () => swallow(surroundings.redisLink(target), forMs),
      'cut-door': () => cut(surroundings.door(target)),
      'swallow-door': () => swallow(surroundings.door(target), forMs),
    };
    return ways[kind]();
  }

  private async restartRedis(forMs: number): Promise<void> {
    await this.surroundings.redis.kill();
    await delay(forMs);
    await this.surroundings.redis.restart();
  }

  private async freezeRedis(forMs: number): Promise<void> {
    for (const server of this.surroundings.redis.servers) server.freeze();
    await delay(forMs);
    for (const server of this.surroundings.redis.servers) server.thaw();
  }
}

/** Between which node and Redis it comes; doors are outside. */
function hitBy({ kind, target }: Disturbance): { readonly hits?: string } {
  if (kind.endsWith('-door')) return {};
  return { hits: kind === 'kill-redis' || kind === 'pause-redis' ? 'redis' : `node${target + 1}` };
}

async function restart(node: HubProcess, signal: NodeJS.Signals, forMs: number): Promise<void> {
  await node.stop(signal);
  await delay(forMs);
  await node.start();
}

async function freeze(node: HubProcess, forMs: number): Promise<void> {
  node.freeze();
  await delay(forMs);
  node.thaw();
}

async function cut(link: TcpProxy): Promise<void> {
  link.cut();
}

/** What swallowed is half-open for ever, as after a NAT that forgot: whoever uses it must find out alone. */
async function swallow(link: TcpProxy, forMs: number): Promise<void> {
  link.pause();
  await delay(forMs);
  link.resume();
}

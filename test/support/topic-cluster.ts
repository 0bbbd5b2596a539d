import { Inject, Injectable } from '@nestjs/common';
import { CLOSE_REASONS } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import { EventPublisher, FubuGatewayModule, fubuProtocol } from '@ringback/gateway-fubu';
import { ConnectionRegistry, type ProtocolDefinition } from '@ringback/gateway-kit';
import { RecordingLog } from '@ringback/memory';
import { startHaproxy } from '../../scripts/haproxy.mjs';
import { freePort } from '../../scripts/processes.mjs';
import { readConfig } from '../../apps/hub/src/config.js';
import { HubNode } from '../../apps/hub/src/hub-node.js';
import type { TopicHost } from '../../libs/gateway-fubu/src/testing/fubu-rows.conformance.js';
import { ROW_TOPICS, STANDARD_TOPIC } from '../../libs/gateway-fubu/src/testing/row-topics.js';

const NODES = 3;
const RETRY_MS = 20;
/** haproxy says nothing of a client that is gone before the next word for it. */
const KEEP_ALIVE_MS = 100;
const NEVER = new Promise<void>(() => {});

let clusters = 0;

/** What a test needs of the gateway in one node. */
@Injectable()
class TopicParts {
  constructor(
    @Inject(EventPublisher) readonly publisher: EventPublisher,
    @Inject(ConnectionRegistry) readonly clients: ConnectionRegistry,
  ) {}

  onModuleInit(): void {
    started.push(this);
  }
}

const started: TopicParts[] = [];

/** Three nodes of this process on one Redis, with topics of classes, behind haproxy. */
export async function openTopicCluster(redisUrl: string): Promise<TopicHost> {
  const prefix = `rb-topics-${process.pid}-${++clusters}-${Date.now().toString(36)}`;
  const log = new RecordingLog();
  const ports = await Promise.all(Array.from({ length: NODES }, () => freePort()));
  const nodes: HubNode[] = [];
  const parts: TopicParts[] = [];
  for (const port of ports) {
    nodes.push(await startNode({ REDIS_URL: redisUrl, RINGBACK_REDIS_PREFIX: prefix, PORT: `${port}` }, log));
    parts.push(...started.splice(0));
  }
  const balancer = await startHaproxy({ port: await freePort(), nodes: ports });
  const hubs: readonly Hub[] = nodes.map(({ hub }) => hub);
  return {
    at: (topic, node) => `${node === undefined ? balancer.url : (nodes[node]?.url ?? '')}/_events/${topic}`,
    publishers: parts.map(({ publisher }) => publisher),
    clients: () => parts.reduce((sum, { clients }) => sum + clients.size, 0),
    faults: () => log.at('error').length,
    flush: () => {
      for (const { clients } of parts) clients.closeAll(CLOSE_REASONS.draining);
    },
    shutDown: async () => void (await Promise.all(hubs.map((hub) => hub.drain()))),
    close: async () => {
      await balancer.stop();
      await Promise.all(nodes.map((node) => node.stop(NEVER)));
    },
  };
}

function startNode(environment: Record<string, string>, log: RecordingLog): Promise<HubNode> {
  const base = { RINGBACK_SHUTDOWN_DELAY_MS: '0', RINGBACK_DRAIN_MS: '0' };
  return HubNode.start(readConfig({ ...base, ...environment }, { protocols: [PROTOCOL], bridges: [] }), log);
}

const PROTOCOL: ProtocolDefinition = {
  ...fubuProtocol,
  module: () => {
    const gateway = FubuGatewayModule.forRoot({
      topics: [...ROW_TOPICS, STANDARD_TOPIC],
      retryMs: RETRY_MS,
      keepAliveMs: KEEP_ALIVE_MS,
    });
    return { ...gateway, providers: [...(gateway.providers ?? []), TopicParts] };
  },
};

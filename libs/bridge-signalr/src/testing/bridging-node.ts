import {
  DEFAULT_LIMITS,
  parseEventGuid,
  type CloseReason,
  type Envelope,
  type Trigger,
} from '@ringback/contract';
import { Hub, type Claims, type Codec, type Connection, type Frame, type Identity } from '@ringback/core';
import { OpenAccess, RecordingLog, SystemClock, CountingMetrics, type MemoryCluster } from '@ringback/memory';
import { randomUUID } from 'node:crypto';
import { BridgeLoopGuard } from '../bridge-loop-guard.js';
import type { BridgeConfig } from '../bridge.config.js';
import { envelopeCodec, readFrame } from '../envelope-codec.js';
import { SignalRBridge } from '../signalr-bridge.js';
import { SubscribedEvents } from '../subscribed-events.js';
import { CountedBridges } from './counted.js';

const ANYONE: Identity = { name: 'anyone' };

/** Quick enough for specs. */
const QUICK = { leaderMs: 300, minDelayMs: 5, maxDelayMs: 50, serverTimeoutMs: 5_000, lingerMs: 30 };

/** A subscriber of the node, which keeps what it gets. */
export class LocalSubscriber implements Connection {
  readonly gateway = 'spec';
  readonly codec: Codec = envelopeCodec;
  readonly bufferedBytes = 0;
  readonly connectionId = randomUUID();
  readonly received: Envelope[] = [];

  send(frames: readonly Frame[]): void {
    this.received.push(...frames.map((frame) => readFrame(frame).envelope));
  }

  close(_reason: CloseReason): void {}

  get data(): unknown[] {
    return this.received.map(({ data }) => data);
  }
}

/** One node of a cluster in memory, with bridges. For specs. */
export class BridgingNode {
  readonly log = new RecordingLog();
  readonly metrics = new CountingMetrics();
  readonly counted = new CountedBridges();
  readonly hub: Hub;
  readonly bridges: SignalRBridge[] = [];
  private readonly subscribed: SubscribedEvents;
  private isCutOff = false;

  private constructor(cluster: MemoryCluster) {
    const ports = cluster.node();
    this.hub = new Hub(
      {
        ...ports,
        claims: this.claims(ports.claims),
        access: new OpenAccess(),
        clock: new SystemClock(),
        log: this.log,
        metrics: this.metrics,
      },
      {
        nodeId: `node-${randomUUID().slice(0, 8)}`,
        address: 'http://127.0.0.1:0',
        version: '0',
        limits: DEFAULT_LIMITS,
        leaseMs: 15_000,
      },
    );
    this.hub.addTriggerGuard(new BridgeLoopGuard(this.hub, { log: this.log, metrics: this.counted }));
    this.subscribed = new SubscribedEvents(this.hub);
  }

  /** A node that has not joined its cluster yet. */
  static build(cluster: MemoryCluster): BridgingNode {
    return new BridgingNode(cluster);
  }

  static async start(cluster: MemoryCluster): Promise<BridgingNode> {
    const node = BridgingNode.build(cluster);
    await node.hub.start();
    return node;
  }

  bridge(config: Partial<BridgeConfig> & Pick<BridgeConfig, 'url' | 'kind'>): SignalRBridge {
    const full = { name: 'remote', subscribe: [], subscribeOnDemand: [], trigger: [], ...config };
    const { log, counted: metrics, hub } = this;
    const parts = { log, metrics, credentials: {}, times: QUICK };
    const bridge = new SignalRBridge(hub, full, parts, this.subscribed);
    this.bridges.push(bridge);
    bridge.start();
    return bridge;
  }

  async subscriber(...eventguids: string[]): Promise<LocalSubscriber> {
    const subscriber = new LocalSubscriber();
    this.hub.connect(subscriber, ANYONE);
    for (const eventguid of eventguids) {
      await this.hub.subscribe(subscriber.connectionId, {
        eventguid: parseEventGuid(eventguid),
        cookie: 'cookie',
      });
    }
    return subscriber;
  }

  leave({ connectionId }: LocalSubscriber): void {
    this.hub.disconnect(connectionId);
  }

  trigger(eventguid: string, data: string, more: Partial<Trigger> = {}) {
    const trigger = { eventguid: parseEventGuid(eventguid), data, removeAfterSend: false, ...more };
    return this.hub.trigger(ANYONE, trigger);
  }

  /** From now on its claims fail, as those of a node that has lost the relay. */
  cutOff(): void {
    this.isCutOff = true;
  }

  async close(): Promise<void> {
    for (const bridge of this.bridges) await bridge.close();
    await this.hub.drain();
  }

  private claims(claims: Claims): Claims {
    const failing = <Answer>(ask: () => Promise<Answer>): Promise<Answer> =>
      this.isCutOff ? Promise.reject(new Error('The relay is away.')) : ask();
    return {
      claim: (name, holder, ttlMs) => failing(() => claims.claim(name, holder, ttlMs)),
      release: (name, holder) => failing(() => claims.release(name, holder)),
    };
  }
}

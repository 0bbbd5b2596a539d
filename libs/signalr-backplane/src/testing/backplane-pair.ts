import { expect } from '@jest/globals';
import { parseEventGuid } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import type { HistoryOptions } from '@ringback/core';
import { CountingMetrics, MemoryCluster, RecordingLog } from '@ringback/memory';
import type { BackplaneMessage, SendBetweenNodes } from '@ringback/signalr';
import { backplaneHistory, RelayBackplane, type BackplaneOptions } from '../index.js';
import { LossyRelay } from './lossy-relay.js';
import { ManualTimers } from './manual-timers.js';

/** What all nodes of the application `app` hear. */
export const everybody = parseEventGuid('signalr/app');

export const send = (from: string, text: string): SendBetweenNodes => ({
  type: 'send',
  hub: '/hub',
  from,
  to: { kind: 'all', except: [] },
  payloads: [['json', text]],
});

/** What one node of the application `app` hears, and how it fares. */
export class BackplaneNode {
  readonly heard: BackplaneMessage[] = [];

  private constructor(
    readonly name: string,
    readonly relay: LossyRelay,
    readonly backplane: RelayBackplane,
    readonly log: RecordingLog,
    readonly metrics: CountingMetrics,
    readonly timers: ManualTimers,
  ) {
    backplane.listen((message) => this.heard.push(message));
  }

  static async start(
    cluster: MemoryCluster,
    name: string,
    options: Partial<BackplaneOptions> = {},
  ): Promise<BackplaneNode> {
    const [log, metrics, timers] = [new RecordingLog(), new CountingMetrics(), new ManualTimers()];
    const relay = new LossyRelay(cluster.node().relay);
    const own = { application: 'app', log, metrics, timers };
    const backplane = await RelayBackplane.open(relay, { ...own, ...options });
    const node = new BackplaneNode(name, relay, backplane, log, metrics, timers);
    return node;
  }

  /** The first message, once there are so many. */
  async first(count: number): Promise<BackplaneMessage> {
    await waitFor(() => this.heard.length >= count, `${count} messages`);
    return this.heard[0] as BackplaneMessage;
  }

  /** Publishes a send to all with this text. */
  says(text: string): Promise<void> {
    return this.backplane.publish(send(this.name, text));
  }

  /** Loses what the other says. */
  async misses(other: BackplaneNode, ...texts: readonly string[]): Promise<void> {
    this.relay.losing = true;
    for (const text of texts) await other.says(text);
    await this.relay.standings([everybody]); // by now it would have come
    this.relay.losing = false;
  }

  get texts(): readonly unknown[] {
    return this.heard.map((message) => (message.type === 'send' ? message.payloads[0]?.[1] : message.type));
  }

  async hears(...texts: readonly string[]): Promise<void> {
    await waitFor(() => this.heard.length >= texts.length, `hearing ${texts.join()}`);
    expect(this.texts).toEqual(texts);
  }
}

/** Two nodes of the application. */
export class BackplanePair {
  private readonly nodes: BackplaneNode[] = [];

  private constructor(readonly cluster: MemoryCluster) {}

  static async start(
    options: Partial<BackplaneOptions> = {},
    history: HistoryOptions = backplaneHistory,
  ): Promise<BackplanePair> {
    const pair = new BackplanePair(new MemoryCluster({ history }));
    await pair.add('a');
    await pair.add('b', options);
    return pair;
  }

  get a(): BackplaneNode {
    return this.nodes[0] as BackplaneNode;
  }

  get b(): BackplaneNode {
    return this.nodes[1] as BackplaneNode;
  }

  /** A further node. */
  async add(name: string, options: Partial<BackplaneOptions> = {}): Promise<BackplaneNode> {
    const node = await BackplaneNode.start(this.cluster, name, options);
    this.nodes.push(node);
    return node;
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map(({ backplane }) => backplane.close()));
  }
}

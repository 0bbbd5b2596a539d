import type { Hub } from '@ringback/core';
import { ActiveBridge } from './active-bridge.js';
import type { BridgeParts } from './bridge-parts.js';
import { DEFAULT_TIMES, type BridgeConfig } from './bridge.config.js';
import { ClusterInterest } from './cluster-interest.js';
import { readInterestNote, type InterestNote } from './interest-notes.js';
import { Leadership } from './leadership.js';
import { NodeInterest } from './node-interest.js';
import { Patterns } from './patterns.js';
import type { SubscribedEvents } from './subscribed-events.js';

/** Events that a bridge subscribes to because of interest: as many as a connection may, by default. */
const MOST_INTEREST = 1_000;

/** The bridge to one remote hub as one node of the cluster has it: on one of the nodes, the one that leads, it is connected. */
export class SignalRBridge {
  private readonly subject: string;
  private readonly leadership: Leadership;
  private readonly nodeInterest: NodeInterest;
  private readonly clusterInterest: ClusterInterest;
  private active: ActiveBridge | undefined;
  /** What was active is closed before the next is opened. */
  private closing: Promise<void> = Promise.resolve();
  private unlisten: (() => void) | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly config: BridgeConfig,
    private readonly parts: BridgeParts,
    subscribed: SubscribedEvents,
  ) {
    const { name, subscribeOnDemand } = config;
    const { log } = parts;
    const times = { ...DEFAULT_TIMES, ...parts.times };
    this.subject = `bridge/${name}`;
    this.leadership = new Leadership(
      hub.claims,
      { name: this.subject, nodeId: hub.nodeId, ttlMs: times.leaderMs, log },
      { onGained: () => this.lead(), onKept: () => this.keep(), onLost: () => this.yield() },
    );
    this.nodeInterest = new NodeInterest(
      hub,
      subscribed,
      this.subject,
      new Patterns(subscribeOnDemand),
      MOST_INTEREST,
    );
    this.clusterInterest = new ClusterInterest(
      { most: MOST_INTEREST, lingerMs: times.lingerMs, log, bridge: name },
      {
        onWanted: (eventguid) => this.active?.want(eventguid),
        onUnwanted: (eventguid) => this.active?.unwant(eventguid),
      },
    );
  }

  /** Whether this node leads the bridge. */
  get leads(): boolean {
    return this.active !== undefined;
  }

  /** Whether it leads, and the remote hub is there. */
  get connected(): boolean {
    return this.active?.connected ?? false;
  }

  /** To be called once the hub has joined its cluster. Returns at once. */
  start(): void {
    this.unlisten = this.hub.notes.listen(this.subject, (from, body) => this.hear(from, body));
    this.nodeInterest.start();
    this.leadership.start();
  }

  /** Once it resolves, nothing more is carried, and another node may lead. Never rejects. */
  async close(): Promise<void> {
    await this.leadership.stop();
    this.unlisten?.();
    this.nodeInterest.stop();
    this.yield();
    await this.closing;
    await this.leadership.release();
  }

  private lead(): void {
    const { name } = this.config;
    this.parts.log.info('elected bridge leader', { bridge: name, nodeId: this.hub.nodeId });
    this.active = new ActiveBridge(this.hub, this.config, this.parts);
    this.active.open(this.closing);
    this.ask();
  }

  private keep(): void {
    this.ask();
    this.followName().catch((error: unknown) =>
      this.parts.log.warn('cluster id unavailable', { bridge: this.config.name, error }),
    );
    this.active
      ?.verify()
      .catch((error: unknown) =>
        this.parts.log.warn('name of the remote cluster not read', { bridge: this.config.name, error }),
      );
  }

  /** A cluster that has lost its key has another name: what is carried under the old one would not be known when it comes round. */
  private async followName(): Promise<void> {
    const { active } = this;
    if (!active || !(await active.isOutdated()) || this.active !== active) return;
    this.yield();
    this.lead();
  }

  private yield(): void {
    const { active } = this;
    if (!active) return;
    this.parts.log.info('bridge no longer led by this node', { bridge: this.config.name });
    this.active = undefined;
    this.clusterInterest.clear();
    this.closing = active.close();
  }

  private ask(): void {
    if (this.config.subscribeOnDemand.length === 0) return;
    this.clusterInterest.asking();
    const note: InterestNote = { kind: 'ask' };
    this.hub.notes.tellAll(this.subject, JSON.stringify(note));
  }

  private hear(from: string, body: string): void {
    const note = readInterestNote(body);
    if (!note) return this.parts.log.warn('note not readable', { subject: this.subject, nodeId: from });
    if (note.kind === 'ask') this.nodeInterest.answer(from);
    else if (this.active) this.clusterInterest.hear(from, note);
  }
}

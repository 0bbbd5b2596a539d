import type { Log } from '@ringback/core';
import type { InterestNote } from './interest-notes.js';

/** A node that has not answered so many times in a row is taken for dead. */
const ASKED_IN_VAIN = 3;

interface KnownNode {
  readonly eventguids: Set<string>;
  unanswered: number;
}

export interface ClusterInterestOptions {
  /** Most events; more are left out, and logged. */
  readonly most: number;
  /** How long nobody has to be interested in an event before it counts: clients that change the node come back at once. */
  readonly lingerMs: number;
  readonly log: Log;
  readonly bridge: string;
}

/** What the whole cluster is interested in, as the node that leads a bridge has heard. */
export class ClusterInterest {
  private readonly nodes = new Map<string, KnownNode>();
  private readonly wanted = new Set<string>();
  private readonly leaving = new Map<string, NodeJS.Timeout>();
  private isOver = false;

  constructor(
    private readonly options: ClusterInterestOptions,
    private readonly listener: { onWanted(eventguid: string): void; onUnwanted(eventguid: string): void },
  ) {}

  /** Nodes are about to be asked: those that have not answered for long are forgotten. */
  asking(): void {
    for (const [nodeId, node] of this.nodes) {
      if (++node.unanswered > ASKED_IN_VAIN) this.forget(nodeId, node);
    }
  }

  hear(nodeId: string, note: InterestNote): void {
    if (note.kind === 'all') this.replace(nodeId, note.eventguids);
    // One that has not said all yet is about to.
    if (note.kind === 'change') this.change(this.nodes.get(nodeId), note.added, note.removed);
  }

  /** Another node leads. Nobody is told. */
  clear(): void {
    for (const timer of this.leaving.values()) clearTimeout(timer);
    this.leaving.clear();
    this.nodes.clear();
    this.wanted.clear();
    this.isOver = false;
  }

  private replace(nodeId: string, eventguids: readonly string[]): void {
    const known = this.nodes.get(nodeId);
    const present = new Set(eventguids);
    const node = known ?? { eventguids: new Set<string>(), unanswered: 0 };
    node.unanswered = 0;
    this.nodes.set(nodeId, node);
    this.change(
      node,
      eventguids,
      [...node.eventguids].filter((eventguid) => !present.has(eventguid)),
    );
  }

  private change(node: KnownNode | undefined, added: readonly string[], removed: readonly string[]): void {
    if (!node) return;
    for (const eventguid of removed) {
      if (node.eventguids.delete(eventguid)) this.look(eventguid);
    }
    for (const eventguid of added) this.add(node, eventguid);
  }

  private forget(nodeId: string, { eventguids }: KnownNode): void {
    this.nodes.delete(nodeId);
    for (const eventguid of eventguids) this.look(eventguid);
  }

  private add({ eventguids }: KnownNode, eventguid: string): void {
    if (!eventguids.has(eventguid) && eventguids.size >= this.options.most) return this.leaveOut();
    eventguids.add(eventguid);
    clearTimeout(this.leaving.get(eventguid));
    this.leaving.delete(eventguid);
    if (this.wanted.has(eventguid)) return;
    if (this.wanted.size >= this.options.most) return this.leaveOut();
    this.wanted.add(eventguid);
    this.listener.onWanted(eventguid);
  }

  /** Whether anybody is left who is interested. */
  private look(eventguid: string): void {
    if (!this.wanted.has(eventguid) || this.leaving.has(eventguid) || this.isWanted(eventguid)) return;
    const timer = setTimeout(() => this.leave(eventguid), this.options.lingerMs);
    timer.unref();
    this.leaving.set(eventguid, timer);
  }

  private leave(eventguid: string): void {
    this.leaving.delete(eventguid);
    if (this.isWanted(eventguid) || !this.wanted.delete(eventguid)) return;
    this.listener.onUnwanted(eventguid);
    if (!this.isOver) return;
    this.isOver = false;
    this.admitLeftOut();
  }

  private admitLeftOut(): void {
    for (const node of this.nodes.values()) {
      for (const eventguid of node.eventguids) this.add(node, eventguid);
    }
  }

  private isWanted(eventguid: string): boolean {
    return [...this.nodes.values()].some((node) => node.eventguids.has(eventguid));
  }

  private leaveOut(): void {
    if (this.isOver) return;
    this.isOver = true;
    const { log, bridge, most } = this.options;
    log.warn('interest in more events than a bridge carries', { bridge, most });
  }
}

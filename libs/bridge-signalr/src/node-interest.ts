import type { Hub } from '@ringback/core';
import type { InterestNote } from './interest-notes.js';
import type { Patterns } from './patterns.js';
import type { SubscribedEvents } from './subscribed-events.js';

/** For so long changes are gathered before they are told. */
const GATHER_MS = 20;

/** Tells the node that leads a bridge what this node is interested in: all when it asks, and what changes between. */
export class NodeInterest {
  private readonly changed = new Set<string>();
  private leader: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private unlisten: (() => void) | undefined;

  constructor(
    private readonly hub: Pick<Hub, 'notes'>,
    private readonly subscribed: SubscribedEvents,
    private readonly subject: string,
    private readonly patterns: Patterns,
    /** Most events that one node names. */
    private readonly most: number,
  ) {}

  start(): void {
    this.unlisten ??= this.subscribed.listen((eventguid) => this.note(eventguid));
  }

  stop(): void {
    this.unlisten?.();
    this.unlisten = undefined;
    clearTimeout(this.timer);
  }

  /** The node leads and wants to know. */
  answer(leader: string): void {
    this.leader = leader;
    this.changed.clear();
    this.tell(leader, { kind: 'all', eventguids: this.present().slice(0, this.most) });
  }

  private note(eventguid: string): void {
    if (this.leader === undefined || !this.patterns.match(eventguid)) return;
    this.changed.add(eventguid);
    this.timer ??= setTimeout(() => this.tellChanges(), GATHER_MS);
    this.timer.unref();
  }

  private tellChanges(): void {
    this.timer = undefined;
    if (this.leader === undefined || this.changed.size === 0) return;
    if (this.changed.size > this.most) return this.answer(this.leader);
    const changed = [...this.changed];
    this.changed.clear();
    const added = changed.filter((eventguid) => this.subscribed.has(eventguid));
    const removed = changed.filter((eventguid) => !this.subscribed.has(eventguid));
    this.tell(this.leader, { kind: 'change', added, removed });
  }

  private present(): string[] {
    return this.subscribed.eventguids().filter((eventguid) => this.patterns.match(eventguid));
  }

  private tell(nodeId: string, note: InterestNote): void {
    this.hub.notes.tell(nodeId, this.subject, JSON.stringify(note));
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { History } from './history.js';
import { NamedConnection, type NamedConnectionEvents, type ResumeMode } from './named-connection.js';
import { NamedRecord } from './named-record.js';
import type { Random } from './random.js';
import type { Subscriber } from './subscriber.js';

const RETURN_AFTER_MS = [100, 500] as const;
const AWAY_MS = [50, 6_000] as const;
const ACT_EVERY_MS = [500, 4_000] as const;
const ACKNOWLEDGE_AFTER_MS = [0, 400] as const;
const ACKNOWLEDGED_PERCENT = 25;
/** How often a subscriber that is about to crash leaves cookies, and for how many of its events. */
const LAST_WORDS = 0.4;
/** Long enough for them to leave the process, too short for an answer. */
const LAST_WORDS_LEAVE_MS = 2;

export interface NamedSubscriberOptions {
  readonly name: string;
  readonly resume: ResumeMode;
  /** Whether it subscribes again whenever it is back, as is needed where Redis may lose its session. */
  readonly trustsNobody: boolean;
}

/** A named subscriber that acknowledges now and then, crashes, comes back through another door, and sometimes twice. */
export class NamedSubscriber implements Subscriber, NamedConnectionEvents {
  private readonly record: NamedRecord;
  private readonly eventguids = new Set<string>();
  /** Older ones, which are to be replaced. */
  private readonly older = new Set<NamedConnection>();
  private current: NamedConnection | undefined;
  private state: 'living' | 'settled' | 'away' | 'closed' = 'living';

  constructor(
    private readonly options: NamedSubscriberOptions,
    private readonly doors: readonly [string, ...string[]],
    private readonly random: Random,
    private readonly history: History,
  ) {
    this.record = new NamedRecord(options.name, history);
    this.connect();
  }

  get name(): string {
    return this.options.name;
  }

  get isAway(): boolean {
    return this.state === 'away';
  }

  subscribe(eventguid: string): void {
    this.eventguids.add(eventguid);
    this.askForAll();
  }

  /** Changes its cookie. */
  renew(eventguid: string): void {
    const { current } = this;
    if (current?.connected && current.asking.size === 0) current.ask(eventguid);
  }

  /** Resolves after the time, or when it is to settle. */
  async live(forMs: number): Promise<void> {
    const until = this.history.nowMs + forMs;
    while (this.state === 'living' && this.history.nowMs < until) {
      await delay(this.random.between(...ACT_EVERY_MS));
      const choice = this.random.next();
      if (choice < 0.5) this.crash();
      else if (choice < 0.75) this.connectTwice();
    }
  }

  /** Stays where it is, and acknowledges all. */
  settle(): void {
    this.state = 'settled';
    if (!this.current) this.connect();
    const { current } = this;
    if (!current) return;
    for (const eventguid of this.eventguids) {
      const last = this.record.lastOn(current.number, eventguid);
      if (last !== undefined) current.acknowledge(eventguid, last);
    }
  }

  /** Goes away until `settle`. */
  leave(): void {
    this.state = 'away';
    this.current?.crash();
    this.current = undefined;
  }

  close(): void {
    this.state = 'closed';
    for (const connection of [...this.older, ...(this.current ? [this.current] : [])]) connection.crash();
  }

  connected(connection: NamedConnection): void {
    if (connection === this.current) this.askForAll();
  }

  received(connection: NamedConnection, eventguid: string, position: string): void {
    if (connection === this.current) this.askForAll();
    if (this.state === 'settled') return connection.acknowledge(eventguid, position);
    if (this.random.next() * 100 >= ACKNOWLEDGED_PERCENT) return;
    const afterMs = this.random.between(...ACKNOWLEDGE_AFTER_MS);
    setTimeout(() => connection.acknowledge(eventguid, position), afterMs);
  }

  lost(connection: NamedConnection): void {
    if (this.older.delete(connection) || connection !== this.current) return;
    this.current = undefined;
    this.connectAfter(this.random.between(...RETURN_AFTER_MS));
  }

  /** What it asked just before may reach the hub when it is back already. */
  private crash(): void {
    const { current, random } = this;
    if (!current) return;
    if (random.next() < LAST_WORDS && current.connected) {
      for (const eventguid of this.eventguids) if (random.next() < LAST_WORDS) current.ask(eventguid);
    }
    setTimeout(() => {
      if (current === this.current && this.state === 'living') this.throwAway(current);
    }, LAST_WORDS_LEAVE_MS);
  }

  private throwAway(current: NamedConnection): void {
    current.crash();
    this.current = undefined;
    this.connectAfter(this.random.between(...AWAY_MS));
  }

  /** Not while a command is on its way: which of two connections it came on last would not be known. */
  private connectTwice(): void {
    const { current } = this;
    if (!current?.connected || current.asking.size > 0) return;
    this.older.add(current);
    this.connect();
  }

  private connectAfter(afterMs: number): void {
    setTimeout(() => {
      if (!this.current && (this.state === 'living' || this.state === 'settled')) this.connect();
    }, afterMs);
  }

  private connect(): void {
    const door = this.random.pick(this.doors);
    this.current = new NamedConnection(door, this.options.resume, this.record, this.history, this);
  }

  private askForAll(): void {
    const { current } = this;
    if (!current?.connected) return;
    for (const eventguid of this.eventguids) if (this.isToAsk(current, eventguid)) current.ask(eventguid);
  }

  private isToAsk({ asked, asking }: NamedConnection, eventguid: string): boolean {
    if (asking.has(eventguid)) return false;
    const always = this.options.resume === 'on-subscribe' || this.options.trustsNobody;
    return this.record.lacks(eventguid) || (always && !asked.has(eventguid));
  }
}

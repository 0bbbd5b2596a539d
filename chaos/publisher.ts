import { setTimeout as delay } from 'node:timers/promises';
import { makeKey } from '@ringback/client';
import { HubError } from '@ringback/contract';
import { failureOf, type Fired, type History, type Invoked } from './history.js';
import type { Random } from './random.js';

/** One way to trigger. Resolves to the position; rejects with a `HubError`. */
export interface Triggerer {
  readonly via: Invoked['via'];
  trigger(
    eventguid: string,
    data: string,
    options: { key: string; removeAfterSend: boolean },
  ): Promise<string>;
  close(): void;
}

/** An event that is triggered, and how often of a hundred by a one-shot. */
export interface TriggeredEvent {
  readonly eventguid: string;
  readonly oneShotPercent: number;
}

const GIVE_UP_AFTER_MS = 30_000;
const MOST_PENDING = 60;
/** Some accepted triggers are repeated all the same, as by a client that did not read the answer. */
const REPEATED_PERCENT = 5;

let fired = 0;

/** Triggers at a steady pace and repeats, with the same key, what may not have been accepted. */
export class Publisher {
  private readonly pending = new Set<Promise<void>>();
  private ended = false;

  constructor(
    private readonly triggerer: Triggerer,
    private readonly events: readonly [TriggeredEvent, ...TriggeredEvent[]],
    private readonly random: Random,
    private readonly history: History,
  ) {}

  /** Resolves after `end`, when the last trigger has been accepted or given up. */
  async run(perSecond: number): Promise<void> {
    while (!this.ended) {
      if (this.pending.size < MOST_PENDING) this.begin();
      await delay(1_000 / perSecond);
    }
    await Promise.all(this.pending);
    this.triggerer.close();
  }

  end(): void {
    this.ended = true;
  }

  private begin(): void {
    const firing = this.fire().finally(() => this.pending.delete(firing));
    this.pending.add(firing);
  }

  private async fire(): Promise<void> {
    const { eventguid, oneShotPercent } = this.random.pick(this.events);
    const oneShot = this.random.next() * 100 < oneShotPercent;
    const trigger = { trigger: ++fired, eventguid, oneShot, key: makeKey() };
    const repeats = this.random.next() * 100 < REPEATED_PERCENT ? 2 : 1;
    const until = performance.now() + GIVE_UP_AFTER_MS;
    let accepted = 0;
    for (let attempt = 1; accepted < repeats && performance.now() < until; attempt++) {
      if (attempt > 1) await delay(this.random.between(50, 500));
      if (await this.attempt({ ...trigger, attempt })) accepted++;
    }
  }

  private async attempt(trigger: Omit<Invoked, 'kind' | 'via'>): Promise<boolean> {
    const fired: Fired = { trigger: trigger.trigger, attempt: trigger.attempt };
    this.history.add({ kind: 'invoked', via: this.triggerer.via, ...trigger });
    try {
      const { eventguid, key, oneShot } = trigger;
      const options = { key, removeAfterSend: oneShot };
      const position = await this.triggerer.trigger(eventguid, String(trigger.trigger), options);
      this.history.add({ kind: 'accepted', ...fired, position });
      return true;
    } catch (error) {
      this.history.add(failureOf(fired, HubError.from(error).code));
      return false;
    }
  }
}

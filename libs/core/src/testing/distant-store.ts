import { HubError, type EventGuid, type Position } from '@ringback/contract';
import type { Relay } from '../ports/relay.port.js';
import type { SessionStore } from '../ports/session-store.port.js';
import type { PutResult, SubscriptionStore } from '../ports/subscription-store.port.js';
import type { Random } from './random.js';
import { replaced } from './replaced.js';

/** The ports through which a node reaches the store. */
interface StorePorts {
  readonly relay: Relay;
  readonly subscriptions: SubscriptionStore;
  readonly sessions: SessionStore;
}

/** What the store really did, in its order. */
export interface StoreListener {
  onPut(cookie: string, result: PutResult): void;
  onTriggered(offset: number, oneShot: boolean): void;
  onTaken(connectionId: string, acknowledged: Position | undefined): void;
}

/** A store behind a link that takes its time, in order, and now and then loses an answer. */
export class DistantStore {
  /** How likely an answer is lost. */
  lossRate = 0;
  /** How likely an envelope is lost on its way to a node. */
  deafness = 0;
  private link: Promise<void> = Promise.resolve();

  constructor(
    private readonly random: Random,
    private readonly eventguid: EventGuid,
    private readonly listener: StoreListener,
  ) {}

  reach({ relay, subscriptions, sessions }: StorePorts): StorePorts {
    return {
      relay: replaced(relay, {
        listen: (listener) =>
          relay.listen(
            replaced(listener, {
              onEnvelope: (relayed) => {
                if (!this.random.chance(this.deafness)) listener.onEnvelope(relayed);
              },
            }),
          ),
        publish: (...args) => this.ask(() => this.publish(relay, ...args)),
        since: (...args) => this.ask(() => relay.since(...args)),
        history: (...args) => this.ask(() => relay.history(...args)),
      }),
      subscriptions: replaced(subscriptions, {
        put: (...args) => this.askOrLose(() => this.put(subscriptions, ...args)),
        resume: (...args) => this.askOrLose(() => subscriptions.resume(...args)),
        settle: (...args) => this.askOrLose(() => subscriptions.settle(...args)),
      }),
      sessions: replaced(sessions, {
        take: (...args) => this.askOrLose(() => this.take(sessions, ...args)),
        acknowledge: (...args) => this.askOrLose(() => sessions.acknowledge(...args)),
        leave: (...args) => this.askOrLose(() => sessions.leave(...args)),
      }),
    };
  }

  private async publish(relay: Relay, ...args: Parameters<Relay['publish']>) {
    const published = await relay.publish(...args);
    this.listener.onTriggered(published.position.offset, args[0].removeAfterSend);
    return published;
  }

  private async put(subscriptions: SubscriptionStore, ...[put]: Parameters<SubscriptionStore['put']>) {
    const result = await subscriptions.put(put);
    this.listener.onPut(put.cookie, result);
    return result;
  }

  private async take(sessions: SessionStore, ...[claim]: Parameters<SessionStore['take']>) {
    const taken = await sessions.take(claim);
    const held = taken.events.find(({ eventguid }) => eventguid === this.eventguid);
    this.listener.onTaken(claim.connectionId, held?.acknowledged);
    return taken;
  }

  /** Commands arrive in the order in which they were sent. */
  private async ask<Answer>(command: () => Promise<Answer>): Promise<Answer> {
    const arrival = this.link.then(() => this.random.turns(1));
    this.link = arrival;
    await arrival;
    const answer = await command();
    await this.random.turns(2);
    return answer;
  }

  private async askOrLose<Answer>(command: () => Promise<Answer>): Promise<Answer> {
    const answer = await this.ask(command);
    if (this.random.chance(this.lossRate)) throw new HubError('relay-unavailable');
    return answer;
  }
}

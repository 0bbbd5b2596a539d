import { trigger } from './http.js';
import type { World } from './world.js';

/** A delivery as the format `envelope` has it. */
export interface Delivered {
  readonly eventguid: string;
  readonly cookie: string;
  readonly data: string;
}

/** The events of a test: they are triggered in turns, at each node that runs, and what with is remembered. */
export class RungEvents {
  private readonly sent: ReadonlyMap<string, string[]>;
  private turns = 0;

  constructor(
    private readonly world: World,
    eventguids: readonly string[],
  ) {
    this.sent = new Map(eventguids.map((eventguid) => [eventguid, []]));
  }

  /** Triggers so often, each time the next event. */
  async ring(times: number, more: object = {}): Promise<void> {
    const events = [...this.sent];
    for (let count = 0; count < times; count++) {
      const [eventguid, sent] = events[this.turns++ % events.length] ?? ['', []];
      const data = `${sent.length}`;
      sent.push(data);
      const nodes = this.world.nodes.filter(({ pid }) => pid !== 0);
      await trigger(nodes[count % nodes.length]?.url ?? '', eventguid, { data, ...more });
    }
  }

  /** Ends the subscriptions to every event. */
  ringForTheLastTime(): Promise<void> {
    return this.ring(this.sent.size, { removeAfterSend: true });
  }

  /** What each event was triggered with, in order. */
  of(eventguid: string): readonly string[] {
    return this.sent.get(eventguid) ?? [];
  }

  /** How many deliveries a subscriber of these events is to get. */
  countOf(eventguids: readonly string[]): number {
    return eventguids.reduce((sum, eventguid) => sum + this.of(eventguid).length, 0);
  }
}

import type { ChaosOptions } from './chaos-options.js';
import type { History } from './history.js';
import { NamedSubscriber } from './named-subscriber.js';
import type { TriggeredEvent } from './publisher.js';
import { Random } from './random.js';
import { SdkSubscriber } from './sdk-subscriber.js';
import { StockSubscriber } from './stock-subscriber.js';
import type { Subscriber } from './subscriber.js';
import type { Surroundings } from './surroundings.js';

const SDK_SUBSCRIBERS = 8;
const NAMED_SDK_SUBSCRIBERS = 4;
const STOCK_SUBSCRIBERS = 6;
const NAMED_SUBSCRIBERS = 6;

/** All who subscribe in a run. */
export class Cast {
  readonly named: NamedSubscriber[] = [];
  private readonly others: Subscriber[] = [];

  get all(): readonly Subscriber[] {
    return [...this.others, ...this.named];
  }

  /** Each subscribes, or is about to. */
  async enter(
    surroundings: Surroundings,
    events: readonly TriggeredEvent[],
    options: ChaosOptions,
    history: History,
  ): Promise<void> {
    await this.enterSdk(surroundings, history);
    for (let index = 0; index < STOCK_SUBSCRIBERS; index++)
      this.others.push(new StockSubscriber(`stock${index}`, surroundings.door(index).url, history));
    for (let index = 0; index < NAMED_SUBSCRIBERS; index++)
      this.named.push(nameSubscriber(index, surroundings, options, history));
    for (const subscriber of this.all) subscribeTo(events, subscriber);
    // With the SDK it cannot be seen where a one-shot's successor begins.
    const plain = events.filter(({ oneShotPercent }) => oneShotPercent === 0);
    for (const subscriber of await enterNamedSdk(surroundings, history)) {
      subscribeTo(plain, subscriber);
      this.others.push(subscriber);
    }
  }

  close(): void {
    for (const subscriber of this.all) subscriber.close();
  }

  private async enterSdk(surroundings: Surroundings, history: History): Promise<void> {
    for (let index = 0; index < SDK_SUBSCRIBERS; index++)
      this.others.push(await SdkSubscriber.connect(`sdk${index}`, surroundings.door(index).url, history));
  }
}

function subscribeTo(events: readonly TriggeredEvent[], subscriber: Subscriber): void {
  for (const { eventguid } of events) subscriber.subscribe(eventguid);
}

async function enterNamedSdk(surroundings: Surroundings, history: History): Promise<Subscriber[]> {
  const names = Array.from({ length: NAMED_SDK_SUBSCRIBERS }, (_, index) => `sdk-named${index}`);
  return Promise.all(
    names.map((name, index) => SdkSubscriber.connect(name, surroundings.door(index).url, history, name)),
  );
}

function nameSubscriber(
  index: number,
  { doors }: Surroundings,
  { seed, redis }: ChaosOptions,
  history: History,
): NamedSubscriber {
  const resume = index % 2 === 0 ? 'on-connect' : 'on-subscribe';
  const [first, ...more] = doors.map(({ url }) => url);
  if (first === undefined) throw new Error('There is no door.');
  return new NamedSubscriber(
    { name: `named${index}`, resume, trustsNobody: redis !== 'always' },
    [first, ...more],
    new Random(seed * 1_000 + index),
    history,
  );
}

import { setTimeout as delay } from 'node:timers/promises';
import { leaveSome, recordSessions } from './absence.js';
import { Cast } from './cast.js';
import type { ChaosOptions } from './chaos-options.js';
import { History } from './history.js';
import { Nemesis } from './nemesis.js';
import { Publisher, type TriggeredEvent } from './publisher.js';
import { recordStored, triggerAllLate, untilComplete, untilReady } from './quiet.js';
import { Random } from './random.js';
import { planDisturbances } from './schedule.js';
import type { Subscriber } from './subscriber.js';
import { Surroundings } from './surroundings.js';
import { httpTriggerer, sdkTriggerer } from './triggerers.js';

const RENEWED = 'renewed';
const EVENTS: readonly [TriggeredEvent, ...TriggeredEvent[]] = [
  { eventguid: 'steady-1', oneShotPercent: 0 },
  { eventguid: 'steady-2', oneShotPercent: 0 },
  { eventguid: 'steady-3', oneShotPercent: 0 },
  { eventguid: RENEWED, oneShotPercent: 0 },
  { eventguid: 'once', oneShotPercent: 100 },
  { eventguid: 'mixed', oneShotPercent: 12 },
];
const EVENTGUIDS = EVENTS.map(({ eventguid }) => eventguid);
const TRIGGERS_PER_SECOND = 60;
const PUBLISHERS = 4;
const MINUTE_MS = 60_000;
/** Starting, healing, waiting until all is quiet. */
const REST_WITHIN_MS = 480_000;
const ENDED_EARLY = 2;

/** A whole run: everything is started, disturbed, healed, waited for, and ended again. */
export async function runChaos(options: ChaosOptions): Promise<History> {
  const history = new History();
  const surroundings = await Surroundings.start(options.redis, history);
  const cast = new Cast();
  const leaving = leaveOnSignal(surroundings, options.minutes * MINUTE_MS + REST_WITHIN_MS);
  try {
    await cast.enter(surroundings, EVENTS, options, history);
    await disturb(surroundings, cast, options, history);
    for (const subscriber of cast.named) subscriber.settle();
    await untilReady(surroundings, history);
    await calmDown(surroundings, cast, options, history);
  } finally {
    leaving.cancel();
    cast.close();
    await surroundings.close();
  }
  return history;
}

/** What is to be right when nothing is disturbed any more; then once more while some are away, and after their return. */
async function calmDown(
  surroundings: Surroundings,
  { named }: Cast,
  { redis }: ChaosOptions,
  history: History,
): Promise<void> {
  const losesNothing = redis === 'always';
  await untilComplete(history, { losesNothing });
  await recordStored(surroundings, EVENTGUIDS, history, { losesNothing });
  await recordSessions(surroundings, named, history);
  await triggerAllLate(surroundings, EVENTGUIDS, history);
  leaveSome(named);
  await recordSessions(surroundings, named, history);
  await triggerAllLate(surroundings, EVENTGUIDS, history);
  for (const subscriber of named) subscriber.settle();
  await untilComplete(history, { losesNothing });
}

/** No process is to remain when the run is ended from outside, or takes too long. */
function leaveOnSignal(surroundings: Surroundings, withinMs: number): { cancel(): void } {
  const leave = (): void => {
    const exit = (): void => process.exit(ENDED_EARLY);
    surroundings.close().then(exit, exit);
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, leave);
  const timer = setTimeout(leave, withinMs);
  return {
    cancel: () => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, leave);
    },
  };
}

async function disturb(
  surroundings: Surroundings,
  cast: Cast,
  { seed, minutes }: ChaosOptions,
  history: History,
): Promise<void> {
  const lastsMs = minutes * MINUTE_MS;
  const random = new Random(seed + 1);
  const publishers = startPublishers(surroundings, random, history);
  const publishing = publishers.map((publisher) => publisher.run(TRIGGERS_PER_SECOND / PUBLISHERS));
  const nemesis = new Nemesis(surroundings, history).run(planDisturbances(seed, lastsMs));
  const living = cast.named.map((subscriber) => subscriber.live(lastsMs));
  await Promise.all([nemesis, renewSometimes(cast.all, random, lastsMs), ...living]);
  await delay(2_000); // triggers while all is well again
  for (const publisher of publishers) publisher.end();
  await Promise.all(publishing);
}

function startPublishers(surroundings: Surroundings, random: Random, history: History): Publisher[] {
  return Array.from({ length: PUBLISHERS }, (_, index) => {
    const { url } = surroundings.door(index);
    const triggerer = index % 2 === 0 ? httpTriggerer(url) : sdkTriggerer(url);
    return new Publisher(triggerer, EVENTS, random, history);
  });
}

/** Now and then a subscriber ends a subscription and makes it anew. */
async function renewSometimes(
  subscribers: readonly Subscriber[],
  random: Random,
  lastsMs: number,
): Promise<void> {
  const until = performance.now() + lastsMs;
  while (performance.now() < until) {
    await delay(random.between(100, 600));
    subscribers[random.between(0, subscribers.length)]?.renew(RENEWED);
  }
}
